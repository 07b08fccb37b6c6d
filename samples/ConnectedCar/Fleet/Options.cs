using System.Globalization;

namespace ConnectedCar.Fleet;

/// <summary>The options of a command line: pairs of --name and value.</summary>
internal sealed class Options
{
    private readonly Dictionary<string, string> _values = [];

    public Options(IReadOnlyList<string> args, params string[] known)
    {
        for (var i = 0; i < args.Count; i += 2)
        {
            var name = args[i];
            if (!name.StartsWith("--", StringComparison.Ordinal) || !known.Contains(name[2..]))
            {
                throw new FleetException($"Unknown option '{name}'. Known: --{string.Join(", --", known)}.");
            }

            _values[name[2..]] = i + 1 < args.Count
                ? args[i + 1]
                : throw new FleetException($"The option '{name}' needs a value.");
        }
    }

    public string? Text(string name) => _values.GetValueOrDefault(name);

    public int Whole(string name, int otherwise, int low, int high) =>
        Text(name) is not { } text ? otherwise
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && number >= low && number <= high ? number
        : throw new FleetException($"--{name} is '{text}'; it must be a whole number from {low} to {high}.");

    public Uri? Url(string name) =>
        Text(name) is not { } text ? null
        : Uri.TryCreate(text.TrimEnd('/') + "/", UriKind.Absolute, out var url) && url.Scheme is "http" or "https" ? url
        : throw new FleetException($"--{name} is '{text}'; it must be an address such as http://127.0.0.1:8080.");
}
