using Kappa.Streams.Runtime;

namespace Kappa.Simulation;

/// <summary>
/// A watermark that is read where it should not be: at the last cleaning of memory, or once for a whole step.
/// </summary>
internal sealed class PlantedTrack(WatermarkTrack track, JobMachine machine, string plant) : WatermarkTrack
{
    private const int CleanedEvery = 3;

    private Place? _step;
    private int _steps;
    private long _cleanedAt = None;

    public override int Level => track.Level;

    public override long Current => track.Current;

    private bool IsPerStep => plant == Plants.WatermarkPerStep;

    public override long Before(int place)
    {
        if (IsPerStep)
        {
            return track.Before(0);
        }

        if (_step != machine.Places.Last)
        {
            _step = machine.Places.Last;
            _cleanedAt = ++_steps % CleanedEvery == 0 ? track.Before(0) : _cleanedAt;
        }

        return _cleanedAt;
    }

    public override int PlaceOf(long value)
    {
        var place = track.PlaceOf(value);
        return IsPerStep && place >= 0 ? machine.Places.Count - 1 : place;
    }

    public override long ScaleOf(long value, int place) => track.ScaleOf(value, place);

    public override long At(int place, long scale) => track.At(place, scale);

    public override void Settle() => track.Settle();
}
