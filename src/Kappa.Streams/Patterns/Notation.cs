using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace Kappa.Streams.Patterns;

/// <summary>A pattern as a line of text: what a reader sees, and what the fingerprint hashes.</summary>
internal static class Notation
{
    public static string Of<T>(Pattern<T> pattern)
    {
        var text = new StringBuilder();
        Sequence(pattern.Links, text);
        if (pattern.Time is { } within)
        {
            text.Append(" within ").Append(within.Length is { } time
                ? time.ToString("c", CultureInfo.InvariantCulture)
                : "unbounded");
            if (within.Length is null || within.MaxRuns != Within.DefaultMaxRuns)
            {
                text.Append(" runs ").Append(within.MaxRuns.ToString(CultureInfo.InvariantCulture));
            }
        }

        return pattern.AfterMatchSkip == Skip.None
            ? text.ToString()
            : text.Append(" skip ").Append(pattern.AfterMatchSkip.Notation).ToString();
    }

    private static void Sequence<T>(ImmutableArray<Link<T>> links, StringBuilder text)
    {
        for (var i = 0; i < links.Length; i++)
        {
            if (i > 0)
            {
                text.Append(links[i].IsNot ? " !" : " ").Append(Arrow(links[i].Contiguity)).Append(' ');
            }

            Append(links[i].Part, text);
        }
    }

    private static void Append<T>(Part<T> part, StringBuilder text)
    {
        if (part.Step is { } step)
        {
            text.Append(step.Name);
        }
        else
        {
            text.Append('(');
            Sequence(part.Group, text);
            text.Append(')');
        }

        if (part.IsRepeated)
        {
            text.Append('{').Append(part.Min.ToString(CultureInfo.InvariantCulture));
            text.Append(part.Max == part.Min ? ""
                : part.Max == Part<T>.Unlimited ? ".."
                : ".." + part.Max.ToString(CultureInfo.InvariantCulture));
            text.Append(part.Inner == Contiguity.Relaxed ? "" : " " + Arrow(part.Inner));
            text.Append(part.IsGreedy ? " greedy" : "").Append(part.Until is null ? "" : " until").Append('}');
        }

        text.Append(part.IsOptional ? "?" : "");
    }

    private static string Arrow(Contiguity contiguity) => contiguity switch
    {
        Contiguity.Strict => ">",
        Contiguity.Relaxed => ">>",
        _ => ">>>",
    };
}
