using System.Diagnostics.CodeAnalysis;
using Kappa.Log;

namespace Kappa.Streams.Runtime;

/// <summary>
/// Reads a derived topic from behind an id, batch by batch, in order of id. A record was appended after its cause, so
/// everything behind an id has a later log time than the cause of that id.
/// </summary>
internal sealed class DerivedReader(ILog log, string topic, OutputId after) : IAsyncDisposable
{
    private readonly ISequence _sequence = log.Read(
        [topic], after.Place == Place.Start ? Place.Start : Place.EndOf(after.Place.LogTime));

    private RecordBatch? _batch;
    private List<DerivedRecord> _records = [];
    private int _at;

    public string Topic { get; } = topic;

    /// <summary>The next record behind the id begun with; not taken until <see cref="Take"/>.</summary>
    /// <exception cref="KappaException">The topic is damaged, or was dropped.</exception>
    public bool TryPeek([NotNullWhen(true)] out RecordBatch? batch, out DerivedRecord record)
    {
        while (_at == _records.Count)
        {
            if (!_sequence.TryRead(out batch))
            {
                record = default;
                return false;
            }

            if (batch.Topic == Topic)
            {
                Open(batch);
            }
        }

        batch = _batch!;
        record = _records[_at];
        return true;
    }

    public void Take() => _at++;

    public ValueTask DisposeAsync() => _sequence.DisposeAsync();

    private void Open(RecordBatch batch)
    {
        _batch = batch;
        _records = new List<DerivedRecord>(batch.Count);
        _at = 0;
        var start = 0;
        var records = batch.GetEnumerator();
        while (records.MoveNext())
        {
            var id = OutputId.Of(Topic, records.Current);
            if (id > after)
            {
                _records.Add(new DerivedRecord(id, records.Current.Offset, start, records.EncodedEnd));
            }

            start = records.EncodedEnd;
        }
    }
}

/// <summary>A record of a derived topic: its id, its offset, and where its bytes are in the batch.</summary>
internal readonly record struct DerivedRecord(OutputId Id, long Offset, int Start, int End);
