using Kappa.Log;

namespace Kappa.Streams.Patterns;

/// <summary>The names of a pattern's steps, each with its number.</summary>
internal sealed class Steps<T>(string notation)
{
    private readonly List<string> _names = [];

    public int Add(string name)
    {
        if (_names.Contains(name))
        {
            throw new KappaException(
                ErrorKind.Invalid, $"Pattern '{notation}': two of its steps are called '{name}'.",
                "Give each step a name of its own: make a second step with Step.Of for a second use.");
        }

        _names.Add(name);
        return _names.Count - 1;
    }

    public bool Has(string name) => _names.Contains(name);

    public int Find(string name) => _names.IndexOf(name) is >= 0 and var step
        ? step
        : throw new KappaException(
            ErrorKind.Invalid, $"The step '{name}' is no part of the pattern '{notation}'.",
            $"Ask for one of its steps: {string.Join(", ", _names)}.");
}
