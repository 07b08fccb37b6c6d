using System.Diagnostics.CodeAnalysis;
using Kappa.Log.Archives;
using Kappa.Log.Projections;

namespace Kappa.Log;

/// <summary>
/// The one sequence over several partitions (rule L4): batches by stamp. A batch is only given once every partition has
/// been asked for what it holds up to <see cref="CompleteTo"/>. For one reader.
/// </summary>
internal sealed class MergedSequence : ISequence
{
    private readonly EmbeddedLog _log;
    private readonly PriorityQueue<PartitionCursor, long> _loaded;
    private readonly List<PartitionCursor> _idle;
    private readonly Partition[] _partitions;
    private readonly ReadPieces _pieces = new();
    private PartitionCursor? _taken;
    private long _limit = -1;

    public MergedSequence(
        EmbeddedLog log, IEnumerable<(Partition Partition, Projection? Projection)> partitions, Place after,
        IFileSystem files, TwinStore? twins, LogArchives archives, ArchivedTwins? archivedTwins)
    {
        _log = log;
        _idle = [.. partitions.Select(read =>
            new PartitionCursor(
                read.Partition, after, files, _pieces, read.Projection, twins, archives, archivedTwins))];
        _partitions = [.. _idle.Select(cursor => cursor.Partition)];
        _loaded = new PriorityQueue<PartitionCursor, long>(_idle.Count);
    }

    /// <inheritdoc/>
    public Place CompleteTo => Place.EndOf(Limit());

    /// <inheritdoc/>
    public bool TryRead([NotNullWhen(true)] out RecordBatch? batch)
    {
        if (TryReadLoaded(out batch))
        {
            return true;
        }

        // Complete to what before the partitions are asked: everything up to there can be seen by then.
        var limit = Limit();
        if (limit > _limit)
        {
            LoadIdle();
            _limit = limit;
            if (TryReadLoaded(out batch))
            {
                return true;
            }
        }

        foreach (var partition in _partitions)
        {
            if (partition.Stopped is { IsFinal: true } stop && stop.After <= _limit)
            {
                throw stop.Why;
            }
        }

        return false;
    }

    /// <inheritdoc/>
    public void Return(RecordBatch batch) => _pieces.Return(batch);

    /// <inheritdoc/>
    public async ValueTask WaitAsync(CancellationToken cancel)
    {
        while (true)
        {
            var risen = _log.Risen;
            if (Limit() > _limit || Array.Exists(_partitions, partition => partition.Stopped is { IsFinal: true }))
            {
                return;
            }

            _log.ThrowIfClosed();
            await risen.WaitAsync(cancel);
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _taken?.Dispose();
        _idle.ForEach(cursor => cursor.Dispose());
        foreach (var (cursor, _) in _loaded.UnorderedItems)
        {
            cursor.Dispose();
        }

        _idle.Clear();
        _loaded.Clear();
        return ValueTask.CompletedTask;
    }

    private bool TryReadLoaded([NotNullWhen(true)] out RecordBatch? batch)
    {
        batch = null;
        if (_taken is { } before)
        {
            // Only now: damage behind a batch must not take that batch along.
            if (before.TryLoad())
            {
                _loaded.Enqueue(before, before.Head!.LogTime);
            }
            else
            {
                _idle.Add(before);
            }

            _taken = null;
        }

        if (!_loaded.TryPeek(out var cursor, out var stamp) || stamp > _limit)
        {
            return false;
        }

        batch = cursor.Take();
        _loaded.Dequeue();
        _taken = cursor;
        return true;
    }

    private void LoadIdle()
    {
        for (var i = _idle.Count - 1; i >= 0; i--)
        {
            if (_idle[i].TryLoad())
            {
                _loaded.Enqueue(_idle[i], _idle[i].Head!.LogTime);
                _idle.RemoveAt(i);
            }
        }
    }

    // A partition that stands still holds everybody who reads it: what failed there must not turn up behind them later.
    private long Limit()
    {
        var limit = _log.CompleteTo;
        foreach (var partition in _partitions)
        {
            if (partition.Stopped is { } stop)
            {
                limit = Math.Min(limit, stop.After);
            }
        }

        return Math.Max(limit, _limit);
    }
}
