namespace Kappa.Log;

/// <summary>One record to append. Bytes are kept as they come.</summary>
/// <param name="Key">
/// Chooses the partition by murmur2 as in Kafka's Java client; null: the request chooses one for all its keyless
/// records.
/// </param>
/// <param name="Value">The payload; null is a tombstone.</param>
/// <param name="Headers">Names and values kept with the record; null: none.</param>
public readonly record struct NewRecord(
    ReadOnlyMemory<byte>? Key,
    ReadOnlyMemory<byte>? Value,
    IReadOnlyList<KeyValuePair<string, ReadOnlyMemory<byte>>>? Headers = null)
{
    /// <summary>
    /// A record of arrays. An array that is null is no key and no value, where the conversion to memory would make it
    /// an empty one.
    /// </summary>
    public static NewRecord Of(
        byte[]? key, byte[]? value, IReadOnlyList<KeyValuePair<string, ReadOnlyMemory<byte>>>? headers = null) =>
        new(
            key is null ? (ReadOnlyMemory<byte>?)null : new ReadOnlyMemory<byte>(key),
            value is null ? (ReadOnlyMemory<byte>?)null : new ReadOnlyMemory<byte>(value),
            headers);
}

/// <summary>A request to append records to one topic, numbered by its producer (rule L8).</summary>
/// <param name="Topic">The topic appended to.</param>
/// <param name="Records">1 or more records, in order.</param>
/// <param name="Producer">
/// The producer's name (see <see cref="Names"/>); null: not numbered, so a retry would append again.
/// </param>
/// <param name="Number">
/// The request's number: n is taken after n − 1; a known n gets its old places. An unknown producer may begin
/// anywhere.
/// </param>
public sealed record AppendRequest(
    string Topic, IReadOnlyList<NewRecord> Records, string? Producer = null, long Number = 0);

/// <summary>Records of one request in one partition: consecutive offsets under one log time.</summary>
/// <param name="Partition">The partition.</param>
/// <param name="BaseOffset">Offset of the first of them.</param>
/// <param name="Count">How many.</param>
/// <param name="LogTime">Their log time, in ticks.</param>
public readonly record struct AppendedBatch(int Partition, long BaseOffset, int Count, long LogTime);

/// <summary>Where a request's records are. They are durable.</summary>
/// <param name="Batches">One or more per partition, in order of log time.</param>
/// <param name="Repeated">The request had been taken before: nothing was added.</param>
public sealed record Appended(IReadOnlyList<AppendedBatch> Batches, bool Repeated)
{
    /// <summary>The place behind the last of them.</summary>
    public Place Last => Batches.Count == 0 ? Place.Start : Place.EndOf(Batches[^1].LogTime);
}
