using System.Buffers;
using Kappa.Log;

namespace Kappa.Streams.Runtime;

/// <summary>
/// Where what upstream versions say is complete (rules E2, L6): behind what they say of the clock record that completes
/// the last of the topics they are made of. Readers get a clock record of that place, which names the upstream's topic.
/// </summary>
internal sealed class UpstreamEnds
{
    private readonly HashSet<string> _complete;
    private readonly List<Upstream> _open;
    private readonly Queue<(Place Place, long Offset, string Topic)> _found = [];

    /// <param name="upstreams">What is read.</param>
    /// <param name="complete">The topics that were complete where reading begins.</param>
    public UpstreamEnds(IEnumerable<Upstream> upstreams, IEnumerable<string> complete)
    {
        _complete = [.. complete];
        _open = [.. upstreams.Where(upstream => !IsComplete(upstream))];
    }

    /// <summary>The place of the next end; null where none is known yet.</summary>
    public Place? Next => _found.TryPeek(out var first) ? first.Place : null;

    /// <summary>The topics that are complete up to a place, as the clock says.</summary>
    public static async ValueTask<IReadOnlyList<string>> CompleteAtAsync(
        ILog log, Place place, IEnumerable<Upstream> upstreams)
    {
        var roots = upstreams.SelectMany(upstream => upstream.Roots).ToHashSet(StringComparer.Ordinal);
        var complete = new List<string>();
        if (place == Place.Start || !log.Topics.Any(topic => topic.IsComplete && roots.Contains(topic.Name)))
        {
            return complete;
        }

        await using var clock = log.Read([], Place.Start);
        while (clock.TryRead(out var batch) && batch.PlaceOf(0) <= place)
        {
            complete.AddRange(Completed(batch).Where(one => one.Place <= place).Select(one => one.Topic));
        }

        return complete;
    }

    /// <summary>Looks for ends in a batch that comes next.</summary>
    public void See(RecordBatch batch, Place after)
    {
        if (_open.Count == 0)
        {
            return;
        }

        foreach (var (place, offset, topic) in Completed(batch))
        {
            if (place <= after || !_complete.Add(topic))
            {
                continue;
            }

            foreach (var upstream in _open.Where(IsComplete).ToList())
            {
                _open.Remove(upstream);
                _found.Enqueue((place, offset, upstream.Topic));
            }
        }
    }

    /// <summary>The clock record of the next end.</summary>
    public RecordBatch Take()
    {
        var (place, offset, topic) = _found.Dequeue();
        var bytes = new ArrayBufferWriter<byte>();
        RecordCodec.Write(bytes, new NewRecord(null, new ClockRecord(ClockKind.Complete, topic).ToBytes()));
        return new RecordBatch(Names.Clock, 0, offset, place.LogTime, 1, bytes.WrittenMemory, [place.Index]);
    }

    private static List<(Place Place, long Offset, string Topic)> Completed(RecordBatch batch)
    {
        var completed = new List<(Place, long, string)>();
        if (batch.Topic == Names.Clock)
        {
            foreach (var record in batch)
            {
                if (ClockRecord.Parse(record.Value) is { Kind: ClockKind.Complete, Topic: { } topic })
                {
                    completed.Add((record.Place, record.Offset, topic));
                }
            }
        }

        return completed;
    }

    private bool IsComplete(Upstream upstream) => upstream.Roots.All(_complete.Contains);
}
