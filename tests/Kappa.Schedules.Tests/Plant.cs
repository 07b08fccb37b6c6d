using Kappa.Log;
using Kappa.Streams.Tests.Spilling;
using Kappa.Testing;

namespace Kappa.Schedules;

/// <summary>A fault put into the way a schedule drives the engine, to see that the check finds it.</summary>
/// <param name="Name">What it is called by <c>--plant</c>.</param>
/// <param name="Into">Puts it into a schedule.</param>
internal sealed record Plant(string Name, Func<Schedule, Schedule> Into)
{
    public static readonly IReadOnlyList<Plant> All =
    [
        new("restart-forgets", schedule => schedule with { Reload = (_, _) => { } }),
        new("restart-takes-an-older-state", schedule => schedule with { Reload = Older() }),
        new("step-loses-its-last-batch", schedule =>
            schedule with { Cut = step => step.Count > 1 ? step[..^1] : step }),
        new("spill-loses-change", schedule => schedule with
        {
            StateMemory = 0, Files = () => new StaleScratch(schedule.Files()),
        }),
        new("step-turns-its-batches", schedule => schedule with { Cut = Turned }),
    ];

    private static Action<Kappa.Streams.Runtime.JobMachine, ReadOnlyMemory<byte>> Older()
    {
        ReadOnlyMemory<byte>? older = null;
        return (machine, state) =>
        {
            machine.Load(new Kappa.Streams.Runtime.StateReader(older ?? state));
            older = state;
        };
    }

    private static List<RecordBatch> Turned(List<RecordBatch> step)
    {
        List<RecordBatch> turned = [.. step];
        turned.Reverse();
        return turned;
    }
}
