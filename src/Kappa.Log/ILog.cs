namespace Kappa.Log;

/// <summary>
/// The identity of a log. A restore makes a new one, so that positions of the old are not taken for positions of the
/// new.
/// </summary>
/// <param name="Value">128 random bits.</param>
public readonly record struct LogId(Guid Value)
{
    /// <inheritdoc/>
    public override string ToString() => Value.ToString("N");
}

/// <summary>
/// The full log of events: topics with partitions, append-only, read as one sequence. This is the whole seam between
/// the platform and its log: the embedded log implements it, and another one could stand in its place.
/// </summary>
public interface ILog : IAsyncDisposable
{
    /// <summary>The identity of this log.</summary>
    LogId Id { get; }

    /// <summary>
    /// The topics as they are now: an immutable list, in order of name, the platform's own topics included.
    /// </summary>
    IReadOnlyList<Topic> Topics { get; }

    /// <summary>Creates or completes a topic; returns when the change is durable.</summary>
    ValueTask ChangeAsync(TopicChange change, CancellationToken cancel);

    /// <summary>
    /// Appends records and returns when they are durable and readable. A repeated request number adds nothing (rule
    /// L8).
    /// </summary>
    ValueTask<Appended> AppendAsync(AppendRequest request, CancellationToken cancel);

    /// <summary>
    /// Reads topics as one sequence (rule L4). The clock and the journal are always among them, named or not. The first
    /// batch returned is the first whose last place is behind <paramref name="after"/>: a place inside a batch returns
    /// the whole batch again.
    /// </summary>
    ISequence Read(IReadOnlyList<string> topics, Place after);

    /// <summary>
    /// The same sequence; where the log has typed twins of its segments (rule L11), batches of a topic may come out of
    /// these: see <see cref="RecordBatch.Projection"/>. A log that has none gives the records themselves.
    /// </summary>
    ISequence Read(IReadOnlyList<string> topics, Place after, IReadOnlyList<Projection> projections) =>
        Read(topics, after);

    /// <summary>The place of a record; for the end offset of the partition, the place behind its last record.</summary>
    ValueTask<Place> FindAsync(string topic, int partition, long offset, CancellationToken cancel);

    /// <summary>
    /// Asks for a clock record at a log time (rule L5), so that a sequence in which nothing else happens passes it.
    /// One for all jobs; a time already passed is answered with the next record.
    /// </summary>
    void ClockAt(long logTime);

    /// <summary>
    /// A number above all that were given before, also to other processes and before a loss of power. By it a store
    /// tells who came last to write tables (rule C4). The end of the log would not do: where nothing was appended
    /// between two starts, or a partition stands still, it is the same for both.
    /// </summary>
    /// <exception cref="KappaException">Unavailable: the disk did not take the clock's record.</exception>
    ValueTask<long> NextEpochAsync(CancellationToken cancel);
}

/// <summary>A set of topics read as one sequence of whole batches in order of place.</summary>
public interface ISequence : IAsyncDisposable
{
    /// <summary>No batch at or before this place will ever be added. It only rises.</summary>
    Place CompleteTo { get; }

    /// <summary>
    /// Takes the next whole batch, in order of place, never beyond <see cref="CompleteTo"/>. Never waits for new
    /// records.
    /// </summary>
    /// <exception cref="KappaException">Stored bytes are damaged: file and position are named (rule L7).</exception>
    bool TryRead([System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out RecordBatch? batch);

    /// <summary>
    /// Says that a batch of this sequence is used no more, nor any view of it: its memory may serve a later one. Nobody
    /// needs to say it.
    /// </summary>
    void Return(RecordBatch batch)
    {
    }

    /// <summary>Waits until <see cref="TryRead"/> can succeed or <see cref="CompleteTo"/> has risen.</summary>
    ValueTask WaitAsync(CancellationToken cancel);
}
