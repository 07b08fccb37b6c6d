using Kappa.Log;
using Kappa.Streams.Operators;
using Kappa.Streams.Patterns;
using Kappa.Streams.Runtime;

namespace Kappa.Streams.Tests.Patterns;

/// <summary>A match as it came out: when, and which events in order, each with its step.</summary>
internal sealed record Found(DateTimeOffset At, string Events, string Steps)
{
    public override string ToString() => FormattableString.Invariant($"{(At - Letter.Origin).TotalSeconds}: {Events}");
}

/// <summary>
/// The Detect operator by itself, for one key: events in order of time, timers as rule T4 has them, and the state
/// written and read again after every event, so that every test is one of state files as well.
/// </summary>
internal sealed class Detection(Pattern<Letter> pattern) : ProcessContext<Match<Letter>>
{
    private readonly Detect<string, Letter> _detect = new(AutomatonBuilder<Letter>.Build(pattern));
    private readonly SortedSet<DateTimeOffset> _timers = [];
    private readonly List<Match<Letter>> _emitted = [];
    private readonly List<Found> _found = [];
    private readonly List<DateTimeOffset> _set = [];
    private DateTimeOffset _now;
    private Runs<Letter> _state = Runs<Letter>.Empty;

    public override DateTimeOffset EventTime => _now;

    public override DateTimeOffset? Watermark => _now;

    public override Place Place => default;

    internal override long WatermarkTicks => _now.UtcTicks;

    internal override long EventTicks => _now.UtcTicks;

    public List<string> Errors { get; } = [];

    public Runs<Letter> State => _state;

    public bool IsIdle => _state.IsEmpty;

    public override void Emit<TSide>(SideOutput<TSide> side, TSide value) => throw new NotSupportedException();

    public override void SetLogTimer(DateTimeOffset at) => throw new NotSupportedException();

    public override void ClearLogTimer(DateTimeOffset at) => throw new NotSupportedException();

    internal override void EmitAt(Match<Letter> value, long eventTime) => throw new NotSupportedException();

    internal override void Dead(long eventTime, Exception error) => throw new NotSupportedException();

    /// <summary>All matches over events in order of their times; at the end all timers fire.</summary>
    public static List<Found> Of(Pattern<Letter> pattern, IEnumerable<Letter> events, bool complete = true) =>
        new Detection(pattern).Run(events, complete);

    public List<Found> Run(IEnumerable<Letter> events, bool complete = true)
    {
        foreach (var one in events)
        {
            See(one);
        }

        if (complete)
        {
            Fire(DateTimeOffset.MaxValue);
        }

        return _found;
    }

    public void See(Letter one)
    {
        Fire(one.At);
        Begin(one.At);
        var state = _state;
        try
        {
            _detect.OnRecord(this, "key", ref state, one);
        }
        catch (Exception error) when (error is InvalidOperationException or KappaException)
        {
            Errors.Add(error.Message);
            return;
        }

        Finish(state);
    }

    public override void Emit(Match<Letter> value) => _emitted.Add(value);

    public override void SetTimer(DateTimeOffset at) => _set.Add(at);

    public override void ClearTimer(DateTimeOffset at) => throw new NotSupportedException();

    public override void Emit<TSide>(SideOutput<TSide> side, TSide value) => throw new NotSupportedException();

    public override void SetLogTimer(DateTimeOffset at) => throw new NotSupportedException();

    public override void ClearLogTimer(DateTimeOffset at) => throw new NotSupportedException();

    internal override void EmitAt(Match<Letter> value, long eventTime) => throw new NotSupportedException();

    internal override void Dead(long eventTime, Exception error) => throw new NotSupportedException();

    internal override void Late() => throw new NotSupportedException();

    /// <summary>The state's bytes.</summary>
    public static byte[] Save(Runs<Letter> state)
    {
        var into = new StateWriter();
        state.Save(into);
        return into.Written.ToArray();
    }

    private void Fire(DateTimeOffset before)
    {
        while (_timers.Count > 0 && _timers.Min < before)
        {
            var due = _timers.Min;
            _timers.Remove(due);
            Begin(due);
            var state = _state;
            _detect.OnTimer(this, "key", ref state, due);
            Finish(state);
        }
    }

    private void Begin(DateTimeOffset now)
    {
        _now = now;
        _emitted.Clear();
        _set.Clear();
    }

    private void Finish(Runs<Letter> state)
    {
        var bytes = Save(state);
        _state = new Runs<Letter>();
        _state.Load(new StateReader(bytes));
        Xunit.Assert.Equal(bytes, Save(_state));
        _timers.UnionWith(_set);
        _found.AddRange(_emitted.Select(match => new Found(
            _now, string.Join(' ', match.Events.Select(one => one.Id)), string.Join(' ', StepsOf(match.Last)))));
    }

    private static IEnumerable<int> StepsOf(Taken<Letter>? last) =>
        last is null ? [] : StepsOf(last.Before).Append(last.Step);
}
