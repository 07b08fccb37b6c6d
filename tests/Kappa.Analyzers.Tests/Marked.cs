using System.Text;
using System.Text.RegularExpressions;

namespace Kappa.Analyzers.Tests;

/// <summary>A text without its marks ⟦code: …⟧, and where they were. Marks may stand inside marks.</summary>
internal sealed partial record Marked(string Text, IReadOnlyList<(string Id, int Start, int Length)> Marks)
{
    public static Marked Read(string text)
    {
        var plain = new StringBuilder();
        var open = new Stack<(string Id, int Start)>();
        var marks = new List<(string, int, int)>();
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '⟦')
            {
                var number = Opening().Match(text, i);
                open.Push(("KAPPA" + number.Groups[1].Value, plain.Length));
                i += number.Length - 1;
            }
            else if (text[i] == '⟧')
            {
                var (id, start) = open.Pop();
                marks.Add((id, start, plain.Length - start));
            }
            else
            {
                plain.Append(text[i]);
            }
        }

        return new Marked(plain.ToString(), marks);
    }

    [GeneratedRegex(@"\G⟦(\d{3}): ")]
    private static partial Regex Opening();
}
