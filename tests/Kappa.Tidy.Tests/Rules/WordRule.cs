using System.Text.RegularExpressions;

namespace Kappa.Tidy.Tests.Rules;

/// <summary>Words that mark unfinished work, ceremony, sleeping tests, or one person's machine.</summary>
internal static partial class WordRule
{
    private static readonly (string Word, string Why)[] InCode =
    [
        ("TODO", "finish it or leave it out"),
        ("FIXME", "fix it"),
        ("HACK", "say why it is so, or do it right"),
        ("#region", "a type that needs regions is two types"),
        ("NotImplementedException", "finish it or leave it out"),
        ("Thread.Sleep", "wait for an event or for virtual time"),
        ("Gets or sets", "say what it means"),
        ("Initializes a new instance", "say what it means"),
    ];

    public static IEnumerable<Violation> Check(SourceText file)
    {
        for (var i = 0; i < file.Lines.Count; i++)
        {
            var line = file.Lines[i];
            foreach (var (word, why) in InCode.Where(_ => file.IsCSharp))
            {
                if (line.Contains(word, StringComparison.Ordinal))
                {
                    yield return file.Breaks(i + 1, $"'{word}': {why}.");
                }
            }

            if (MachinePath().Match(line) is { Success: true } path)
            {
                yield return file.Breaks(i + 1, $"'{path.Value}' is a path of one machine.");
            }

            if (RegistryHost().Match(line) is { Success: true } host)
            {
                yield return file.Breaks(i + 1, $"'{host.Value}': say nothing of where packages come from.");
            }
        }
    }

    [GeneratedRegex(@"(?<![\w.:/\-])/(?:home|root|work|Users|mnt)/\w+|\b[A-Z]:\\\\?\w+|\.\./shared\b")]
    private static partial Regex MachinePath();

    [GeneratedRegex(@"\b(?:api\.nuget\.org|registry\.npmjs\.org|proxy\.golang\.org|pypi\.org)\b")]
    private static partial Regex RegistryHost();
}
