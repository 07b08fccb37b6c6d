using Kappa.Streams;

namespace Kappa.Analyzers.Tests.Codecs;

public enum Grade : byte
{
    Low,
    High = 200,
}

public enum Far : ulong
{
    Away = ulong.MaxValue,
}

[BinaryEvent]
public sealed record Numbers(
    bool Flag, sbyte A, byte B, short C, ushort D, int E, uint F, long G, ulong H, float I, double J, char K,
        decimal L);

[BinaryEvent]
public sealed record Named(
    string Text, byte[] Bytes, Guid Id, DateTimeOffset At, DateTime When, TimeSpan Long, DateOnly Day, TimeOnly Hour,
    Grade Grade, Far Far, Text16 Short);

[BinaryEvent]
public sealed record Perhaps(
    int? Number, bool? Flag, Grade? Grade, DateTimeOffset? At, string? Text, byte[]? Bytes, Guid? Id, Point? Point,
    Spot? Spot);

[BinaryEvent]
public struct Point
{
    internal int X;
    private long _y;

    public long Y
    {
        readonly get => _y;
        set => _y = value;
    }

    public string Name { get; set; }
}

public readonly record struct Spot(double Latitude, double Longitude, string Name);

[BinaryEvent]
public record Ground(string Name)
{
    internal readonly int Height = 4;

    public required long Number { get; init; }
}

[BinaryEvent]
internal sealed record Tower(string Name, int Floors) : Ground(Name)
{
    public static readonly int Counted = 4;
    private string? _secret = "s";

    public string? Secret => _secret;

    public void Keep(string secret) => _secret = secret;
}

[BinaryEvent]
public sealed record Nested(Numbers? Numbers, Point Point, Spot Spot, (int Left, string Right) Pair,
    Around.Inner? Inner);

public static class Around
{
    [BinaryEvent]
    public sealed class Inner
    {
        internal int @event = 4;

        public Inner? Next { get; set; }

        public int WithField
        {
            get => field;
            set => field = value + 1;
        }
    }
}

[BinaryEvent]
public sealed record Stamp(string Name, int Height, long? Number, Grade Grade);

[BinaryEvent]
public sealed record Empty;
