using Kappa.Log;

namespace Kappa.Streams;

/// <summary>
/// An operator of one's own: runs per key, with typed state and event-time timers. A throw undoes all that the record
/// did here (state, timers, emissions) and makes a dead letter (rule O6). Keep no fields that change: state is
/// <typeparamref name="TState"/> alone.
/// </summary>
/// <typeparam name="TKey">The key.</typeparam>
/// <typeparam name="TIn">What comes in.</typeparam>
/// <typeparam name="TState">Each key's state: immutable.</typeparam>
/// <typeparam name="TOut">What goes on.</typeparam>
public abstract class Process<TKey, TIn, TState, TOut>
    where TKey : notnull
{
    /// <summary>Where each key begins.</summary>
    public virtual TState Seed => default!;

    /// <summary>Called with each value of a key, in order of the sequence.</summary>
    public abstract void OnRecord(ProcessContext<TOut> context, TKey key, ref TState state, TIn value);

    /// <summary>Called when the watermark has passed a timer (rule T4).</summary>
    public virtual void OnTimer(ProcessContext<TOut> context, TKey key, ref TState state, DateTimeOffset due)
    {
    }

    /// <summary>
    /// Called at the first place with a log time at or behind a timer of log time, before its record (rule T7).
    /// </summary>
    public virtual void OnLogTimer(ProcessContext<TOut> context, TKey key, ref TState state, DateTimeOffset due)
    {
    }

    internal Delegate[] Roots =>
        [new RecordMethod(OnRecord), new TimerMethod(OnTimer), new TimerMethod(OnLogTimer),
            GetType().GetProperty(nameof(Seed))!.GetMethod!.CreateDelegate<Func<TState>>(this)];

    private delegate void RecordMethod(ProcessContext<TOut> context, TKey key, ref TState state, TIn value);

    private delegate void TimerMethod(ProcessContext<TOut> context, TKey key, ref TState state, DateTimeOffset due);
}

/// <summary>What a process may know and do while it handles a value or a timer.</summary>
/// <typeparam name="TOut">What goes on.</typeparam>
public abstract class ProcessContext<TOut>
{
    /// <summary>The value's event time, or the timer's time.</summary>
    public abstract DateTimeOffset EventTime { get; }

    /// <summary>The watermark before the value; null where there is none yet.</summary>
    public abstract DateTimeOffset? Watermark { get; }

    /// <summary>The place of the record that caused this call.</summary>
    public abstract Place Place { get; }

    /// <summary>Sends a value on, at the event time of what is handled.</summary>
    public abstract void Emit(TOut value);

    /// <summary>Asks for a call of <c>OnTimer</c> when the watermark has passed a time. One per key and time.</summary>
    public abstract void SetTimer(DateTimeOffset at);

    /// <summary>Takes a timer back, if it is set.</summary>
    public abstract void ClearTimer(DateTimeOffset at);

    /// <summary>Sends a value by a side output, at the event time of what is handled.</summary>
    /// <param name="side">The side; who reads it asks the results of the process for the same instance.</param>
    /// <param name="value">The value.</param>
    public abstract void Emit<TSide>(SideOutput<TSide> side, TSide value);

    /// <summary>
    /// Asks for a call of <c>OnLogTimer</c> once log time has reached a time; it fires at a later place than this one.
    /// One per key and time. What it sends has that time as its event time.
    /// </summary>
    public abstract void SetLogTimer(DateTimeOffset at);

    /// <summary>Takes a timer of log time back, if it is set.</summary>
    public abstract void ClearLogTimer(DateTimeOffset at);

    /// <summary>Sends a value on at a time of its own, in ticks (rule T6).</summary>
    internal abstract void EmitAt(TOut value, long eventTime);

    /// <summary>
    /// The watermark before the value, in ticks; <see cref="long.MinValue"/> where there is none yet.
    /// </summary>
    internal abstract long WatermarkTicks { get; }

    /// <summary><see cref="EventTime"/> in ticks.</summary>
    internal abstract long EventTicks { get; }

    /// <summary>Keeps a dead letter for one of several results of a call; the others stay (rule O6).</summary>
    internal abstract void Dead(long eventTime, Exception error);

    /// <summary>Says that the value is late: nothing is changed, it is kept with the late records (rule T5).</summary>
    internal abstract void Late();
}
