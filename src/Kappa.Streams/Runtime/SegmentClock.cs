namespace Kappa.Streams.Runtime;

/// <summary>
/// Where one worker's segment is: the moment it handles and the watermark by which lateness is judged.
/// </summary>
/// <param name="keys">The key handled now; none in front of the first exchange.</param>
internal sealed class SegmentClock(KeyCell? keys)
{
    private int _stage;
    private long _number;
    private long _due;
    private TimerCause? _cause;
    private bool _isByTimer;
    private int _input;
    private int _emission;

    public int Place { get; private set; }

    public int Phase { get; private set; } = Moment.Record;

    /// <summary>Is a record handled, and not a timer?</summary>
    public bool IsRecord => Phase == Moment.Record;

    /// <summary>The watermark before what is handled now.</summary>
    public long Watermark { get; private set; } = WatermarkTrack.None;

    /// <summary>The watermark's value now: a timer set for a time already passed falls due at it.</summary>
    public long Now { get; private set; } = WatermarkTrack.None;

    /// <summary>Places of all steps before this one.</summary>
    public long PlacesBefore { get; set; }

    /// <summary>The place among all places the run has seen; tells timers set here from those set before.</summary>
    public long PlaceNumber => PlacesBefore + Place;

    public void AtRecord(int place, long watermark)
    {
        Set(place, Moment.Record, 0);
        _isByTimer = false;
        _cause = null;
        Now = Watermark = watermark;
    }

    public void AtInput(in Moment moment, int input, long watermark, long now)
    {
        Set(moment.Place, moment.Phase, input);
        _isByTimer = false;
        _cause = moment.Cause;
        Watermark = watermark;
        Now = now;
    }

    /// <summary>A timer of the key the segment handles now.</summary>
    public void AtTimer(in Firing firing, int stage, long number)
    {
        Set(firing.Place, firing.Phase, 0);
        (_due, _stage, _number) = (firing.Scale, stage, number);
        _isByTimer = true;
        _cause = null;
        Watermark = firing.Watermark;
        Now = firing.Due;
    }

    /// <summary>The moment of the next thing emitted.</summary>
    /// <param name="side">The way it goes.</param>
    public Moment Emit(long side)
    {
        if (_isByTimer && _cause is null)
        {
            // Most timers send nothing beyond their segment, so only here are the key's bytes asked for.
            _cause = new TimerCause(_due, _stage, keys!.Bytes, _number);
        }

        return new(Place, Phase, _input, _emission++, side, _cause);
    }

    private void Set(int place, int phase, int input)
    {
        Place = place;
        Phase = phase;
        _input = input;
        _emission = 0;
    }
}
