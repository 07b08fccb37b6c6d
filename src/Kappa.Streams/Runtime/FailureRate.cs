using Kappa.Log;

namespace Kappa.Streams.Runtime;

/// <summary>
/// Stops a job on which too much fails (rule O6): more than 1 % of the last 10 000 records, from 100 errors on. Counted
/// by place, so that a replay stops where the live run did.
/// </summary>
internal sealed class FailureRate
{
    private const int WindowRecords = 10_000;
    private const int ErrorsMin = 100;

    private readonly Queue<long> _failed = new();
    private long _records;
    private string? _first;

    public void Check(string job, IReadOnlyList<PlacedBatch> step, IReadOnlyList<(int Place, string Error)> errors)
    {
        // Of several errors at one place none came first: the order of their texts leaves no trace of the workers.
        var failed = errors.Count > 1
            ? [.. errors.OrderBy(error => error.Place).ThenBy(error => error.Error, StringComparer.Ordinal)]
            : errors;
        var next = 0;
        for (var i = 0; i < step.Count; i++)
        {
            var placed = step[i];
            if (Names.IsPlatforms(placed.Batch.Topic))
            {
                continue;
            }

            var end = placed.FirstPlace + placed.Batch.Count;
            for (; next < failed.Count && failed[next].Place < end; next++)
            {
                Add(job, _records + Math.Max(0, failed[next].Place - placed.FirstPlace), failed[next].Error);
            }

            _records += placed.Batch.Count;
        }

        for (; next < failed.Count; next++)
        {
            Add(job, _records, failed[next].Error);
        }
    }

    public void Save(StateWriter into)
    {
        into.Write(_records);
        into.Write(_first ?? "");
        into.Write(_failed.Count);
        foreach (var record in _failed)
        {
            into.Write(record);
        }
    }

    public void Load(StateReader from)
    {
        _records = from.ReadInt64();
        _first = from.ReadString() is { Length: > 0 } first ? first : null;
        for (var left = from.ReadInt32(); left > 0; left--)
        {
            _failed.Enqueue(from.ReadInt64());
        }
    }

    private void Add(string job, long record, string error)
    {
        _first ??= error;
        _failed.Enqueue(record);
        while (_failed.Peek() <= record - WindowRecords)
        {
            _failed.Dequeue();
        }

        // Of fewer than 10 000 records 1 % is less than 100 errors, so the floor decides.
        if (_failed.Count >= ErrorsMin && _failed.Count > Math.Min(record + 1, WindowRecords) / 100)
        {
            throw new KappaException(
                ErrorKind.Invalid,
                $"Job '{job}' failed on {_failed.Count} of its last {Math.Min(record + 1, WindowRecords)} records "
                + $"(allowed is 1 %). The first error: {_first}",
                $"Correct the code and deploy it, or look at the table '{job}.dead' of the version before.");
        }
    }
}
