using System.Reflection;
using Kappa.Streams;
using Kappa.Streams.Tests;
using Kappa.Tables;

namespace Kappa.Simulation;

/// <summary>
/// A job whose code changes from version to version: by turns that of two golden jobs, under the name of the first.
/// </summary>
internal sealed class ChangingJob
{
    private readonly Job[] _codes;

    public ChangingJob(int seed)
    {
        var jobs = GoldenJobs.OfReadings.ToList();
        var (first, second) = (jobs[seed % jobs.Count], jobs[(seed + 1) % jobs.Count]);
        _codes = [first, Job.Define(first.Name, flow => DefinitionOf(second)(flow))];
    }

    public string Name => _codes[0].Name;

    /// <summary>The code of a version.</summary>
    public Job Of(JobVersion version) => _codes[(version.Number - 1) % _codes.Length];

    private static Action<Flow> DefinitionOf(Job job) =>
        (Action<Flow>)typeof(Job).GetField("_define", BindingFlags.Instance | BindingFlags.NonPublic)!.GetValue(job)!;
}
