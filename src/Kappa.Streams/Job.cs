using Kappa.Log;

namespace Kappa.Streams;

/// <summary>
/// A stream job: a value that says which tables follow from which topics. It has no version number; the platform finds
/// changed code by a fingerprint (rule V2).
/// </summary>
public sealed class Job
{
    private readonly Action<Flow> _define;

    private Job(string name, Action<Flow> define, int revision)
    {
        Name = Names.Check("job", name);
        Revision = revision;
        _define = define;
    }

    /// <summary>The job's name.</summary>
    public string Name { get; }

    /// <summary>Part of the fingerprint: a lever for changes the fingerprint cannot see. Default 0.</summary>
    public int Revision { get; }

    /// <summary>Defines a job.</summary>
    /// <param name="name">Its name: lower case, digits, '.', '_' and '-'.</param>
    /// <param name="define">Builds the flow from topics to tables; runs each time the job is built, never at
    /// definition.</param>
    /// <param name="revision">Raise it where a change lies outside what the fingerprint sees.</param>
    public static Job Define(string name, Action<Flow> define, int revision = 0)
    {
        ArgumentNullException.ThrowIfNull(define);
        return new Job(name, define, revision);
    }

    /// <summary>Runs the definition and checks it.</summary>
    /// <exception cref="KappaException">The definition is wrong: what, where in the job, and what to write
    /// instead.</exception>
    public Topology Build()
    {
        var flow = new Flow(this);
        try
        {
            _define(flow);
        }
        catch (KappaException wrong)
        {
            throw flow.Located(wrong);
        }

        return flow.Finish();
    }
}
