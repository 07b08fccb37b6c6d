using System.Diagnostics.CodeAnalysis;
using System.Runtime.ExceptionServices;
using Kappa.Log;
using Kappa.Tables;
using Kappa.Tables.Loop;

namespace Kappa.Streams.Runtime;

/// <summary>
/// Cuts a version's sequence into steps: whole batches, bounded in records, and never past a journal record that names
/// the version, because a transaction ends exactly there (rule V4).
/// </summary>
internal sealed class StepReader(ISequence sequence, JobVersion version, int recordsMax)
{
    private readonly List<RecordBatch> _used = [];
    private readonly Queue<RecordBatch> _ahead = new();
    private int _recordsAhead;
    private ExceptionDispatchInfo? _trouble;
    private Action<int>? _readAhead;
    private RecordBatch? _next;

    public List<RecordBatch> Batches { get; } = [];

    /// <summary>The journal record that ended the step, where one did.</summary>
    public JournalRecord? Named { get; private set; }

    /// <summary>The place behind the step.</summary>
    public Place Place { get; private set; }

    /// <summary>A derived record has the place of its cause (rule E2): both belong to one step.</summary>
    private bool IsInPlace =>
        Batches.Count > 0 && sequence is UpstreamSequence derived && derived.NextIsAt(Place);

    /// <summary>What a machine may do while it is busy with the step: read ahead where the step is full.</summary>
    public Action<int>? Ahead => AtEnd ? null : _readAhead ??= ReadAhead;

    /// <summary>There was nothing more to read behind the step.</summary>
    public bool AtEnd { get; private set; }

    /// <summary>Takes the next step; false where there is nothing to read.</summary>
    /// <param name="behind">Batches whose last place is at or before this are passed over.</param>
    /// <param name="upTo">The step ends at this place, if it lies in reach.</param>
    public bool TryRead(Place behind, Place? upTo)
    {
        if (Batches.Count > 0)
        {
            // The machine still looks at the step before, so what is given back is of the one before that.
            foreach (var used in _used)
            {
                sequence.Return(used);
            }

            _used.Clear();
            _used.AddRange(Batches);
            Batches.Clear();
        }

        Named = null;
        var records = 0;
        while (records < recordsMax || IsInPlace)
        {
            if (_next is null && !TryReadNext(out _next))
            {
                AtEnd = true;
                return Batches.Count > 0;
            }

            if (_next!.LastPlace <= behind)
            {
                _next = null;
                continue;
            }

            if (upTo is { } end && _next.LastPlace > end)
            {
                throw new KappaException(
                    ErrorKind.Conflict,
                    $"The tables of {version} stand at {end}, which is no end of a batch in this log.",
                    "These tables belong to another log: reprocess the version.");
            }

            Batches.Add(_next);
            records += _next.Count;
            Place = _next.LastPlace;
            Named = Naming(_next) ?? Named;
            _next = null;
            if ((Named is not null || Place == upTo) && !IsInPlace)
            {
                break;
            }
        }

        AtEnd = false;
        return Batches.Count > 0;
    }

    /// <summary>
    /// Reads about so many records of the step behind this one, and never more than a step, while a machine is busy
    /// with this one. What goes wrong is thrown where it would have been without.
    /// </summary>
    private void ReadAhead(int records)
    {
        // What is derived is cut by what was read last: that cannot be read ahead.
        var most = (int)Math.Min(recordsMax, (long)_recordsAhead + records);
        while (_recordsAhead < most && _trouble is null && sequence is not UpstreamSequence)
        {
            try
            {
                if (!sequence.TryRead(out var batch))
                {
                    return;
                }

                _ahead.Enqueue(batch);
                _recordsAhead += batch.Count;
            }
            catch (Exception trouble)
            {
                _trouble = ExceptionDispatchInfo.Capture(trouble);
            }
        }
    }

    private bool TryReadNext([NotNullWhen(true)] out RecordBatch? batch)
    {
        if (_ahead.TryDequeue(out batch))
        {
            _recordsAhead -= batch.Count;
            return true;
        }

        var trouble = _trouble;
        _trouble = null;
        trouble?.Throw();
        return sequence.TryRead(out batch);
    }

    private JournalRecord? Naming(RecordBatch batch)
    {
        if (batch.Topic != Names.Lifecycle)
        {
            return null;
        }

        JournalRecord? naming = null;
        foreach (var record in batch)
        {
            var entry = JournalCodec.Decode(record.Value);
            naming = entry.Names.Contains(version) ? entry : naming;
        }

        return naming;
    }
}
