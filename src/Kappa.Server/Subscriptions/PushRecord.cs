using System.Text;
using Kappa.Log;

namespace Kappa.Server.Subscriptions;

/// <summary>A record on its way to an address.</summary>
internal sealed class PushRecord
{
    private PushRecord(Place place, string id, byte[]? key, byte[]? value, DateTimeOffset since)
    {
        Place = place;
        Id = id;
        Key = key;
        Value = value;
        Since = since;
    }

    /// <summary>Its place in the log.</summary>
    public Place Place { get; }

    /// <summary>The same at each attempt: the output's id (rule E1), else topic, partition and offset.</summary>
    public string Id { get; }

    public byte[]? Key { get; }

    public byte[]? Value { get; private set; }

    /// <summary>Records of one queue are delivered in order. Those without a key share one.</summary>
    public string Queue => Key is null ? "-" : "k" + Convert.ToBase64String(Key);

    /// <summary>When it was first tried, or came behind one that fails.</summary>
    public DateTimeOffset Since { get; }

    /// <summary>Since this process began.</summary>
    public int Attempts { get; set; }

    /// <summary>In this process or one before.</summary>
    public bool HasFailed { get; set; }

    public DateTimeOffset NotBefore { get; set; } = DateTimeOffset.MinValue;

    public bool IsUnderWay { get; set; }

    /// <summary>Delivered, or given up.</summary>
    public bool IsSettled { get; private set; }

    /// <summary>What the last attempt came to.</summary>
    public PushOutcome Outcome { get; set; }

    public static PushRecord Of(RecordBatch batch, in Record record, DateTimeOffset since)
    {
        var id = record.TryGetHeader("kappa-id"u8, out var said)
            ? Encoding.UTF8.GetString(said)
            : FormattableString.Invariant($"{batch.Topic}/{batch.Partition}/{record.Offset}");
        return new PushRecord(
            record.Place, id, record.HasKey ? record.Key.ToArray() : null,
            record.HasValue ? record.Value.ToArray() : null, since);
    }

    /// <summary>Settled records stay in order until all before them are; their bytes need not.</summary>
    public void Settle()
    {
        IsSettled = true;
        Value = null;
    }
}

/// <summary>What an attempt came to.</summary>
/// <param name="Error">Why it failed; null: it was taken.</param>
/// <param name="RetryAfter">How long the other side asked to wait.</param>
internal readonly record struct PushOutcome(string? Error, TimeSpan RetryAfter = default);
