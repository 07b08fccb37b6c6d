using System.Buffers;

namespace Kappa.Log;

/// <summary>
/// How the values of a topic become typed bytes, so that they need no decoding when they are read again (rule L11). A
/// pure function of a record; the segments so written are twins of the log's own, a cache that is never needed.
/// </summary>
/// <param name="topic">The topic.</param>
/// <param name="key">
/// What everything that decides the typed bytes was hashed to, as 64 hexadecimal digits: another key is another twin.
/// </param>
/// <param name="timeColumns">Names of the columns that hold a time; the twin has the range of each.</param>
public abstract class Projection(string topic, string key, IReadOnlyList<string> timeColumns)
{
    /// <summary>The topic.</summary>
    public string Topic { get; } = topic;

    /// <summary>The key, as 64 hexadecimal digits.</summary>
    public string Key { get; } = key;

    /// <summary>Names of the columns that hold a time.</summary>
    public IReadOnlyList<string> TimeColumns { get; } = timeColumns;

    /// <summary>Appends the typed bytes of a record that has a value.</summary>
    /// <param name="record">The record as it was appended.</param>
    /// <param name="into">Takes the bytes; what a refused record left there is not used.</param>
    /// <param name="times">Takes its times.</param>
    /// <returns>False where it cannot be decoded: whoever reads it will look at the record itself.</returns>
    public abstract bool TryWrite(in Record record, IBufferWriter<byte> into, TimeRange[] times);
}

/// <summary>
/// The range of a column of times, in ticks of UTC; of nothing while the least is more than the most.
/// </summary>
/// <param name="Least">The earliest.</param>
/// <param name="Most">The latest.</param>
public readonly record struct TimeRange(long Least, long Most)
{
    /// <summary>A range of nothing.</summary>
    public static readonly TimeRange None = new(long.MaxValue, long.MinValue);

    /// <summary>The range with a time more.</summary>
    public TimeRange With(long ticks) => new(Math.Min(Least, ticks), Math.Max(Most, ticks));
}
