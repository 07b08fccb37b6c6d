using System.Text;

namespace Kappa.Crash;

/// <summary>What the world knows of a log: what was sent, and what was acknowledged when.</summary>
internal sealed class Ledger
{
    private readonly object _lock = new();
    private readonly List<Sent> _sent = [];
    private int _acks;

    public int Acks
    {
        get
        {
            lock (_lock)
            {
                return _acks;
            }
        }
    }

    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _sent.Count;
            }
        }
    }

    /// <summary>The partitions of every topic whose creation was acknowledged, by the ledger's length then.</summary>
    public List<(string Topic, int Partitions, int Acks)> Topics { get; } = [];

    /// <summary>
    /// Notes a request that is sent now. Each of its values says which request and which record it is.
    /// </summary>
    public Sent Send(
        string topic, IReadOnlyList<string?> keys, int fill, string? producer = null, long number = 0)
    {
        lock (_lock)
        {
            var id = _sent.Count;
            var sent = new Sent(id, new AppendRequest(
                topic, [.. keys.Select((key, i) => NewRecord.Of(
                    key is null ? null : Encoding.UTF8.GetBytes(key), ValueOf(id, i, fill)))],
                producer, number));
            _sent.Add(sent);
            return sent;
        }
    }

    public void Acknowledge(Sent sent, Appended result)
    {
        lock (_lock)
        {
            sent.Result = result;
            sent.AckedAt = _acks++;
        }
    }

    public void TopicMade(string topic, int partitions)
    {
        lock (_lock)
        {
            Topics.Add((topic, partitions, _acks++));
        }
    }

    public Sent this[int id]
    {
        get
        {
            lock (_lock)
            {
                return _sent[id];
            }
        }
    }

    /// <summary>Which record of which request a value is; null where it is none.</summary>
    public static (int Id, int Index)? Parse(ReadOnlySpan<byte> value)
    {
        var text = Encoding.ASCII.GetString(value);
        var parts = text.Split('.', 3);
        return parts.Length == 3 && int.TryParse(parts[0], out var id) && int.TryParse(parts[1], out var index)
            ? (id, index)
            : null;
    }

    private static byte[] ValueOf(int id, int index, int fill)
    {
        var value = Encoding.ASCII.GetBytes(FormattableString.Invariant($"{id}.{index}.") + new string('x', fill));
        for (var i = value.Length - fill; i < value.Length; i++)
        {
            value[i] = (byte)('a' + (((id * 31) + (index * 7) + i) % 26));
        }

        return value;
    }
}

/// <summary>A request that was sent.</summary>
internal sealed record Sent(int Id, AppendRequest Request)
{
    /// <summary>Which acknowledgement it was; the greatest number while there is none.</summary>
    public int AckedAt { get; set; } = int.MaxValue;

    public Appended? Result { get; set; }
}

/// <summary>The disk and the knowledge of the world at one moment.</summary>
internal sealed record Image(
    FaultyFileSystem Disk, int Acks, int Sent, IReadOnlyDictionary<(string, int), long> SeenEnds, long SeenTo,
    DateTimeOffset Wall, string Step, string At);
