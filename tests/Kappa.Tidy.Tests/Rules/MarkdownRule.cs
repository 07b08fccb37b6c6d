using System.Text.RegularExpressions;

namespace Kappa.Tidy.Tests.Rules;

/// <summary>A page has one title, its links lead somewhere, and its C# is compiled.</summary>
internal static partial class MarkdownRule
{
    /// <summary>Checks a page against all files of the repository.</summary>
    /// <param name="page">The page.</param>
    /// <param name="exists">Is there a file or folder of this path?</param>
    /// <param name="read">A file's text by its path, or null.</param>
    public static IEnumerable<Violation> Check(SourceText page, Func<string, bool> exists, Func<string, string?> read)
    {
        if (!page.IsMarkdown)
        {
            return [];
        }

        var prose = WithoutFences(page);
        return Titles(page, prose).Concat(Links(page, prose, exists)).Concat(Snippets(page, read));
    }

    private static List<(int Line, string Text)> WithoutFences(SourceText page)
    {
        var prose = new List<(int, string)>();
        var inFence = false;
        for (var i = 0; i < page.Lines.Count; i++)
        {
            var isFence = page.Lines[i].TrimStart().StartsWith("```", StringComparison.Ordinal);
            inFence ^= isFence;
            if (!isFence && !inFence)
            {
                prose.Add((i + 1, page.Lines[i]));
            }
        }

        return prose;
    }

    private static IEnumerable<Violation> Titles(SourceText page, List<(int Line, string Text)> prose)
    {
        var titles = prose.Where(line => line.Text.StartsWith("# ", StringComparison.Ordinal)).ToList();
        if (titles.Count != 1)
        {
            var line = titles.Count == 0 ? 1 : titles[1].Line;
            yield return page.Breaks(line, $"{titles.Count} titles; a page has one '# '.");
        }
    }

    private static IEnumerable<Violation> Links(
        SourceText page, List<(int Line, string Text)> prose, Func<string, bool> exists)
    {
        var folder = Path.GetDirectoryName(page.Path)!.Replace('\\', '/');
        foreach (var (line, text) in prose)
        {
            foreach (Match link in Link().Matches(text))
            {
                var target = link.Groups[1].Value.Split('#')[0];
                if (target.Length > 0 && !target.Contains("://", StringComparison.Ordinal)
                    && !target.StartsWith("mailto:", StringComparison.Ordinal) && !exists(Resolve(folder, target)))
                {
                    yield return page.Breaks(line, $"the link '{target}' leads nowhere.");
                }
            }
        }
    }

    private static string Resolve(string folder, string target)
    {
        var parts = new List<string>(folder.Split('/', StringSplitOptions.RemoveEmptyEntries));
        foreach (var part in target.Split('/', StringSplitOptions.RemoveEmptyEntries).Where(part => part != "."))
        {
            if (part == ".." && parts.Count > 0)
            {
                parts.RemoveAt(parts.Count - 1);
            }
            else
            {
                parts.Add(part);
            }
        }

        return string.Join('/', parts);
    }

    /// <summary>Each block of C# follows a comment "snippet: file#name" and equals that part of the file.</summary>
    private static IEnumerable<Violation> Snippets(SourceText page, Func<string, string?> read)
    {
        for (var i = 0; i < page.Lines.Count; i++)
        {
            if (page.Lines[i].Trim() != "```csharp")
            {
                continue;
            }

            var marker = i == 0 ? Match.Empty : Marker().Match(page.Lines[i - 1]);
            var (file, name) = (marker.Groups[1].Value, marker.Groups[2].Value);
            var shown = page.Lines.Skip(i + 1).TakeWhile(line => line.Trim() != "```").ToList();
            if (!marker.Success)
            {
                yield return page.Breaks(i + 1, "C# without '<!-- snippet: file#name -->' above it: is it compiled?");
            }
            else if (read(file) is not { } text || Part(text, name) is not { } part)
            {
                yield return page.Breaks(i, $"there is no part '{name}' in '{file}'.");
            }
            else if (!part.SequenceEqual(shown))
            {
                yield return page.Breaks(i + 1, $"the snippet differs from '{name}' in '{file}'; it should be:\n"
                    + string.Join('\n', part));
            }
        }
    }

    /// <summary>The lines between "// &lt;name&gt;" and "// &lt;/name&gt;", moved to the left margin.</summary>
    private static List<string>? Part(string text, string name)
    {
        var lines = text.ReplaceLineEndings("\n").Split('\n').ToList();
        var first = lines.FindIndex(line => line.Trim() == $"// <{name}>");
        var last = lines.FindIndex(line => line.Trim() == $"// </{name}>");
        if (first < 0 || last < first)
        {
            return null;
        }

        var part = lines[(first + 1)..last];
        var margin = part.Where(line => line.Length > 0).Min(line => line.Length - line.TrimStart().Length);
        return [.. part.Select(line => line.Length == 0 ? line : line[margin..])];
    }

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"^<!-- snippet: (\S+)#(\S+) -->$")]
    private static partial Regex Marker();
}
