namespace ConnectedCar.Fleet;

/// <summary>
/// Counts of what makes a stream of samples hard, in the order of sending. A duplicate is a duplicate only; a record
/// sent after a later one of its device is out of order, and also late if it is older than the watermark.
/// </summary>
internal sealed class Tally
{
    /// <summary>The lateness of the sample's job.</summary>
    public static readonly TimeSpan Lateness = TimeSpan.FromSeconds(30);

    private readonly Dictionary<string, (int Boot, long Seq)> _latest = [];
    private DateTimeOffset _highest = DateTimeOffset.MinValue;

    public long Records { get; private set; }

    public long OutOfOrder { get; private set; }

    public long Duplicates { get; private set; }

    public long Late { get; private set; }

    public void Count(Telemetry sample, bool again)
    {
        Records++;
        if (again)
        {
            Duplicates++;
            return;
        }

        var place = (int.Parse(sample.Boot, System.Globalization.CultureInfo.InvariantCulture), sample.Seq);
        if (_latest.TryGetValue(sample.Device, out var latest) && place.CompareTo(latest) < 0)
        {
            OutOfOrder++;
        }
        else
        {
            _latest[sample.Device] = place;
        }

        if (_highest != DateTimeOffset.MinValue && sample.At < _highest - Lateness)
        {
            Late++;
        }

        _highest = sample.At > _highest ? sample.At : _highest;
    }

    public override string ToString() => FormattableString.Invariant(
        $"{Records} records: {OutOfOrder} out of order, {Duplicates} duplicate, {Late} late (more than 30 s)");
}
