using System.Diagnostics.CodeAnalysis;
using Kappa.Log;
using Kappa.Tables;

namespace Kappa.Streams.Runtime;

/// <summary>A topic of another job that a version reads (rule E2).</summary>
/// <param name="Topic">The topic as the job names it.</param>
/// <param name="Version">The version whose topic it reads.</param>
/// <param name="Reader">That topic.</param>
/// <param name="Frontier">How far that version is.</param>
/// <param name="Roots">The topics no job says that it is made of, through all versions between.</param>
internal sealed record Upstream(
    string Topic, JobVersion Version, DerivedReader Reader, Frontier Frontier, IReadOnlyList<string> Roots);

/// <summary>
/// The sequence of a version that reads what other jobs say (rule E2): ordinary batches and derived records by place,
/// where a derived record has the place of its cause and comes behind it. Batches are cut where a derived record falls
/// inside, and behind a clock record that completes an upstream (rule L6). Nothing is given beyond what every upstream
/// version has committed, so the order does not depend on how far ahead of each other they run.
/// </summary>
internal sealed class UpstreamSequence : ISequence
{
    private readonly ISequence _plain;
    private readonly IReadOnlyList<Upstream> _upstreams;
    private readonly Place[] _seen;
    private readonly Place _after;
    private readonly UpstreamEnds _ends;
    private RecordBatch? _head;
    private int[] _recordEnds = [];
    private int _from;

    /// <param name="plain">The topics nobody derives, with clock and journal, from <paramref name="after"/> on.</param>
    /// <param name="upstreams">What is derived, in order of topic, from there on.</param>
    /// <param name="after">Records up to here are left out.</param>
    /// <param name="complete">The topics that are complete there.</param>
    public UpstreamSequence(
        ISequence plain, IReadOnlyList<Upstream> upstreams, Place after, IReadOnlyList<string> complete)
    {
        _plain = plain;
        _upstreams = upstreams;
        _after = after;
        _ends = new UpstreamEnds(upstreams, complete);
        _seen = new Place[upstreams.Count];
    }

    /// <inheritdoc/>
    public Place CompleteTo => _upstreams.Select(one => one.Frontier.Place).Append(_plain.CompleteTo).Min();

    private Place NextPlain => _head!.PlaceOf(_from);

    /// <inheritdoc/>
    public bool TryRead([NotNullWhen(true)] out RecordBatch? batch)
    {
        batch = null;
        var limit = Limit();
        var plainTo = _plain.CompleteTo;
        LoadPlain();
        var next = NextDerived();
        Place? derived = next < 0 ? null : Peek(next).Id.Place;
        if (derived is { } place && place <= limit && !(_ends.Next < place)
            && (_head is null ? place <= plainTo : place < NextPlain))
        {
            batch = TakeDerived(next, limit, _head is null ? plainTo : null);
        }
        else if (_ends.Next is { } end && end <= limit && (_head is null || end < NextPlain))
        {
            batch = _ends.Take();
        }
        else if (_head is not null && _head.LastPlace <= limit)
        {
            batch = TakePlain(derived is { } early && !(_ends.Next < early) ? early : _ends.Next);
        }

        return batch is not null;
    }

    /// <summary>Has the next record the place of the last one given? Then no step may end between them.</summary>
    public bool NextIsAt(Place place)
    {
        Limit();
        LoadPlain();
        return _ends.Next == place || (_head is not null && NextPlain == place)
            || (NextDerived() is >= 0 and var next && Peek(next).Id.Place == place);
    }

    /// <inheritdoc/>
    public async ValueTask WaitAsync(CancellationToken cancel)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var waits = new List<Task>();
        for (var i = 0; i < _upstreams.Count; i++)
        {
            waits.Add(_upstreams[i].Frontier.RisenAsync(_seen[i], either.Token));
        }

        if (_head is null)
        {
            // A loaded batch waits for the upstream versions alone.
            waits.Add(_plain.WaitAsync(either.Token).AsTask());
        }

        var first = await Task.WhenAny(waits);
        await either.CancelAsync();
        await Task.WhenAll(waits).ContinueWith(_ => { }, TaskScheduler.Default);
        cancel.ThrowIfCancellationRequested();
        await first;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _plain.DisposeAsync();
        foreach (var upstream in _upstreams)
        {
            await upstream.Reader.DisposeAsync();
        }
    }

    /// <summary>
    /// What every upstream version has committed; read before its topic, so that all up to it is seen.
    /// </summary>
    private Place Limit()
    {
        for (var i = 0; i < _seen.Length; i++)
        {
            _seen[i] = _upstreams[i].Frontier.Place;
        }

        return _seen.Min();
    }

    private void LoadPlain()
    {
        while (_head is null && _plain.TryRead(out var batch))
        {
            _from = 0;
            while (_from < batch.Count && batch.PlaceOf(_from) <= _after)
            {
                _from++;
            }

            if (_from < batch.Count)
            {
                _head = batch;
                _recordEnds = [];
                _ends.See(batch, _after);
            }
        }
    }

    private DerivedRecord Peek(int upstream)
    {
        _upstreams[upstream].Reader.TryPeek(out _, out var record);
        return record;
    }

    /// <summary>The upstream whose next record comes first; −1 for none. Of two at one place the first topic.</summary>
    private int NextDerived()
    {
        var next = -1;
        var first = default(Place);
        for (var i = 0; i < _upstreams.Count; i++)
        {
            if (_upstreams[i].Reader.TryPeek(out _, out var record) && (next < 0 || record.Id.Place < first))
            {
                next = i;
                first = record.Id.Place;
            }
        }

        return next;
    }

    /// <summary>The records of the loaded batch up to a place; all of it where none is given.</summary>
    private RecordBatch TakePlain(Place? upTo)
    {
        var head = _head!;
        var end = head.Count;
        while (upTo is { } place && end > _from && head.PlaceOf(end - 1) > place)
        {
            end--;
        }

        var given = _from == 0 && end == head.Count ? head : Cut(head, _from, end);
        _from = end;
        _head = end == head.Count ? null : head;
        return given;
    }

    private RecordBatch Cut(RecordBatch batch, int from, int end)
    {
        if (_recordEnds.Length == 0)
        {
            _recordEnds = new int[batch.Count];
            var records = batch.GetEnumerator();
            for (var i = 0; records.MoveNext(); i++)
            {
                _recordEnds[i] = records.EncodedEnd;
            }
        }

        return batch.Part(
            from, end - from, batch.EncodedRecords[(from == 0 ? 0 : _recordEnds[from - 1])..(_recordEnds[end - 1])]);
    }

    /// <summary>Records of one upstream with causes in one batch, as long as nothing else comes between.</summary>
    private RecordBatch TakeDerived(int upstream, Place limit, Place? plainTo)
    {
        var reader = _upstreams[upstream].Reader;
        reader.TryPeek(out var batch, out var first);
        var last = first;
        var indexes = new List<int>();
        while (reader.TryPeek(out var same, out var record) && ReferenceEquals(same, batch)
            && record.Id.Place.LogTime == first.Id.Place.LogTime && record.Id.Place <= limit
            && (plainTo is { } end ? record.Id.Place <= end : record.Id.Place < NextPlain)
            && !(_ends.Next < record.Id.Place) && NextDerived() == upstream)
        {
            indexes.Add(record.Id.Place.Index);
            last = record;
            reader.Take();
        }

        return new RecordBatch(
            _upstreams[upstream].Topic, 0, first.Offset, first.Id.Place.LogTime, indexes.Count,
            batch!.EncodedRecords[first.Start..last.End], [.. indexes]);
    }
}
