using System.Globalization;

namespace Kappa.Log;

/// <summary>
/// The one rule for names of topics, jobs, tables and producers: 1 to 100 characters of <c>a-z 0-9 . _ -</c>, beginning
/// with a letter or a digit. So a name can be part of a file's name on every platform. Names that begin with
/// <c>_kappa.</c> are the platform's own.
/// </summary>
public static class Names
{
    /// <summary>The clock: log time passes by its records (rule L5).</summary>
    public const string Clock = "_kappa.clock";

    /// <summary>The journal of the loop (rule V3).</summary>
    public const string Lifecycle = "_kappa.lifecycle";

    /// <summary>The longest name, in characters.</summary>
    public const int LengthMax = 100;

    /// <summary>Is it one of the platform's own names?</summary>
    public static bool IsPlatforms(string name) => name.StartsWith("_kappa.", StringComparison.Ordinal);

    /// <summary>
    /// Is it the name of a derived topic (rule E1): a name, '@', and the number of a version? Only the platform makes
    /// these.
    /// </summary>
    public static bool IsDerived(string? name)
    {
        var at = name?.LastIndexOf('@') ?? -1;
        return at > 0 && at + 1 < name!.Length && name[at + 1] != '0' && IsValid(name[..at])
            && int.TryParse(name.AsSpan(at + 1), NumberStyles.None, CultureInfo.InvariantCulture, out _);
    }

    /// <summary>Is this name within the rule?</summary>
    public static bool IsValid(string? name)
    {
        if (string.IsNullOrEmpty(name) || name.Length > LengthMax || !IsLetterOrDigit(name[0]))
        {
            return false;
        }

        foreach (var c in name)
        {
            if (!IsLetterOrDigit(c) && c is not ('.' or '_' or '-'))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Returns the name, or throws an error that states the rule.</summary>
    /// <param name="what">What is named: "topic", "job", "table".</param>
    /// <param name="name">The name given.</param>
    public static string Check(string what, string? name) => IsValid(name)
        ? name!
        : throw new KappaException(
            ErrorKind.Invalid,
            $"'{name}' is no name for a {what}: allowed are 1 to {LengthMax} characters"
                + " of a-z 0-9 . _ - beginning with a letter or digit.",
            $"Choose another name for the {what}, for example '{Suggest(name)}'.");

    private static bool IsLetterOrDigit(char c) => c is (>= 'a' and <= 'z') or (>= '0' and <= '9');

    private static string Suggest(string? name)
    {
        var letters = (name ?? "").ToLowerInvariant().Select(c => IsLetterOrDigit(c) ? c : '-');
        var kept = new string([.. letters]).Trim('-');
        return kept.Length == 0 ? "orders" : kept.Length > LengthMax ? kept[..LengthMax] : kept;
    }
}
