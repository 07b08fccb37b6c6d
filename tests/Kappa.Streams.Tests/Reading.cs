using System.Collections.Immutable;

namespace Kappa.Streams.Tests;

/// <summary>The event of these tests.</summary>
public sealed record Reading(string Device, DateTimeOffset At, long Seq, double Value);

/// <summary>A key of two parts.</summary>
public readonly record struct Cell(string Device, bool High);

/// <summary>A sum whose doubles depend on the order of addition, and a trace that shows the order.</summary>
public sealed record Total(long Count, double Sum, double Max, long Trace)
{
    public static readonly Total None = new(0, 0, double.MinValue, 17);

    public Total Add(Reading reading) => new(
        Count + 1, (Sum * 0.999) + reading.Value, Math.Max(Max, reading.Value), unchecked((Trace * 31) + reading.Seq));
}

/// <summary>A state with a collection in it.</summary>
public sealed record Last(ImmutableList<long> Seqs)
{
    public static readonly Last None = new(ImmutableList<long>.Empty);

    public Last Add(Reading reading) => new((Seqs.Count < 5 ? Seqs : Seqs.RemoveAt(0)).Add(reading.Seq));
}
