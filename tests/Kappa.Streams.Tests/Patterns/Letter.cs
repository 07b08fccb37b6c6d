using System.Globalization;

namespace Kappa.Streams.Tests.Patterns;

/// <summary>An event that tests can write as "a1", "a1@7" (at second 7) or "a1=5.0" (a price).</summary>
public sealed record Letter(string Id, string Name, DateTimeOffset At, double Price)
{
    public static readonly DateTimeOffset Origin = new(2026, 3, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Events in a row, a second apart where nothing else is said.</summary>
    public static List<Letter> Read(string events)
    {
        var read = new List<Letter>();
        foreach (var word in events.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            var (text, price) = Cut(word, '=');
            var (id, second) = Cut(text, '@');
            read.Add(new Letter(
                id, id.TrimEnd("0123456789".ToCharArray()), Origin.AddSeconds(second ?? read.Count), price ?? 0));
        }

        return read;
    }

    private static (string Text, double? Number) Cut(string word, char mark) =>
        word.Split(mark) is [var text, var number]
        ? (text, double.Parse(number, CultureInfo.InvariantCulture))
        : (word, null);
}
