using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Kappa.Log;

/// <summary>
/// A point in the one sequence of a log: the log time of a batch and the index of a record in it (rule L3).
/// </summary>
/// <param name="LogTime">Log time of the batch, in ticks of 100 ns since 0001-01-01 UTC. Strictly increasing.</param>
/// <param name="Index">1 for the first record of the batch; 0 stands before all of them.</param>
public readonly record struct Place(long LogTime, int Index) : IComparable<Place>
{
    /// <summary>Before every record of every log.</summary>
    public static Place Start => default;

    /// <summary>The log time as a UTC time.</summary>
    public DateTimeOffset Time => new(LogTime, TimeSpan.Zero);

    /// <summary>Before the first record stamped at or after a time.</summary>
    public static Place At(DateTimeOffset time) => new(time.UtcTicks, 0);

    /// <summary>Behind the last record of the batch with this log time.</summary>
    public static Place EndOf(long logTime) => new(logTime, int.MaxValue);

    /// <inheritdoc/>
    public int CompareTo(Place other) =>
        LogTime != other.LogTime ? LogTime.CompareTo(other.LogTime) : Index.CompareTo(other.Index);

    /// <summary>Is the left place before the right one?</summary>
    public static bool operator <(Place left, Place right) => left.CompareTo(right) < 0;

    /// <summary>Is the left place behind the right one?</summary>
    public static bool operator >(Place left, Place right) => left.CompareTo(right) > 0;

    /// <summary>Is the left place at or before the right one?</summary>
    public static bool operator <=(Place left, Place right) => left.CompareTo(right) <= 0;

    /// <summary>Is the left place at or behind the right one?</summary>
    public static bool operator >=(Place left, Place right) => left.CompareTo(right) >= 0;

    /// <summary>
    /// The text form, <c>2026-11-23T04:05:06.1234567Z/3</c>; <c>end</c> stands for the end of a batch.
    /// </summary>
    public override string ToString() =>
        Time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'", CultureInfo.InvariantCulture)
        + "/" + (Index == int.MaxValue ? "end" : Index.ToString(CultureInfo.InvariantCulture));

    /// <summary>Reads the text form, or a bare time, which means index 0.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out Place place)
    {
        place = default;
        if (text is null)
        {
            return false;
        }

        var slash = text.IndexOf('/', StringComparison.Ordinal);
        var time = slash < 0 ? text : text[..slash];
        var index = 0;
        if (slash >= 0)
        {
            var tail = text[(slash + 1)..];
            if (tail == "end")
            {
                index = int.MaxValue;
            }
            else if (!int.TryParse(tail, NumberStyles.None, CultureInfo.InvariantCulture, out index))
            {
                return false;
            }
        }

        if (!DateTimeOffset.TryParse(time, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at))
        {
            return false;
        }

        place = new Place(at.UtcTicks, index);
        return true;
    }
}
