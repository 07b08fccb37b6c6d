namespace Kappa.Streams.Runtime;

/// <summary>
/// Where one worker's segment is: the moment it handles and the watermark by which lateness is judged there. A timer
/// due at v acts as if the watermark rose tick by tick (rule T7): what it causes is judged by v − 1, so that nothing is
/// late because of the watermark that caused it (rule T6).
/// </summary>
internal sealed class SegmentClock
{
    /// <summary>No watermark yet: nothing is late, no timer is due.</summary>
    public const long NoWatermark = long.MinValue;

    private int _input;
    private int _emission;

    public int Place { get; private set; }

    public long Due { get; private set; } = Moment.Record;

    public int Stage { get; private set; }

    public byte[]? Key { get; private set; }

    public long Number { get; private set; }

    /// <summary>The watermark before what is handled now.</summary>
    public long Watermark { get; private set; } = NoWatermark;

    /// <summary>Places of all steps before this one.</summary>
    public long PlacesBefore { get; set; }

    /// <summary>The place among all places the run has seen; tells timers set here from those set before.</summary>
    public long PlaceNumber => PlacesBefore + Place;

    public void AtRecord(int place, long watermark)
    {
        Set(place, Moment.Record, 0, null, 0, 0);
        Watermark = watermark;
    }

    public void AtInput(in Moment moment, long watermark)
    {
        Set(moment.Place, moment.Due, moment.Stage, moment.Key, moment.Number, moment.Input);
        Watermark = watermark;
    }

    public void AtTimer(int place, long due, int stage, byte[] key, long number, long watermark)
    {
        Set(place, due, stage, key, number, 0);
        Watermark = watermark;
    }

    /// <summary>The moment of the next thing emitted.</summary>
    public Moment Emit() => new(Place, Due, Stage, Key, Number, _input, _emission++);

    private void Set(int place, long due, int stage, byte[]? key, long number, int input)
    {
        Place = place;
        Due = due;
        Stage = stage;
        Key = key;
        Number = number;
        _input = input;
        _emission = 0;
    }
}
