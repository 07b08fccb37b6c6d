namespace Kappa.Streams.Runtime;

/// <summary>
/// Where one worker's segment is: the moment it handles and the watermark by which lateness is judged.
/// </summary>
internal sealed class SegmentClock
{
    private int _stage;
    private byte[]? _key;
    private long _number;
    private long _due;
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
        Set(place, Moment.Record, 0, 0, null, 0, 0);
        Now = Watermark = watermark;
    }

    public void AtInput(in Moment moment, long watermark, long now)
    {
        Set(moment.Place, moment.Phase, moment.Due, moment.Stage, moment.Key, moment.Number, moment.Input);
        Watermark = watermark;
        Now = now;
    }

    public void AtTimer(in Firing firing, int stage, byte[] key, long number)
    {
        Set(firing.Place, firing.Phase, firing.Scale, stage, key, number, 0);
        Watermark = firing.Watermark;
        Now = firing.Due;
    }

    /// <summary>The moment of the next thing emitted.</summary>
    /// <param name="side">The way it goes.</param>
    public Moment Emit(long side) => new(Place, Phase, _due, _stage, _key, _number, side, _input, _emission++);

    private void Set(int place, int phase, long due, int stage, byte[]? key, long number, int input)
    {
        Place = place;
        Phase = phase;
        _due = due;
        _stage = stage;
        _key = key;
        _number = number;
        _input = input;
        _emission = 0;
    }
}
