using Kappa.Log;

namespace Kappa.Streams.Runtime;

/// <summary>
/// The place up to which everything a version has to say is said and committed. It only rises; those who read what the
/// version says go no further (rules E2 and E3). At the end of its sequence it is ahead of the committed place: nothing
/// lies between the two.
/// </summary>
internal sealed class Frontier
{
    private readonly object _lock = new();
    private TaskCompletionSource _risen = New();
    private Place _place = Place.Start;

    public Place Place
    {
        get
        {
            lock (_lock)
            {
                return _place;
            }
        }
    }

    public void RaiseTo(Place place)
    {
        TaskCompletionSource risen;
        lock (_lock)
        {
            if (place <= _place)
            {
                return;
            }

            _place = place;
            risen = _risen;
            _risen = New();
        }

        risen.SetResult();
    }

    /// <summary>Waits until it stands behind a place.</summary>
    public async Task RisenAsync(Place known, CancellationToken cancel)
    {
        while (true)
        {
            Task risen;
            lock (_lock)
            {
                if (_place > known)
                {
                    return;
                }

                risen = _risen.Task;
            }

            await risen.WaitAsync(cancel);
        }
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
