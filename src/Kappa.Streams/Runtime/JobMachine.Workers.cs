namespace Kappa.Streams.Runtime;

/// <content>What is done by several workers.</content>
internal sealed partial class JobMachine
{
    private readonly Crew _crew;
    private readonly Action _runBeside;
    private Action<int>? _beside;
    private int _besideRecords;

    /// <summary>
    /// Steps of fewer records are not worth waking a thread for. Not part of any result. Default: 1 024.
    /// </summary>
    public int RecordsForSeveral { get; init; } = 1024;

    /// <summary>How many records of a step workers take at a time. Not part of any result. Default: 4 096.</summary>
    public int RoundRecords { get; init; } = 4096;

    /// <summary>
    /// Does tasks 0 to <paramref name="tasks"/> − 1, in any order, several at once where that is worth it; returns when
    /// all are done. Not to be called from a task.
    /// </summary>
    /// <param name="tasks">How many.</param>
    /// <param name="run">Does one of them.</param>
    /// <param name="records">
    /// For about how many records of the step these tasks are: for so many the calling thread may do beside what
    /// whoever drives the machine wants done.
    /// </param>
    public void Together(int tasks, Action<int> run, int records)
    {
        if (Workers == 1 || Places.Count < RecordsForSeveral)
        {
            for (var task = 0; task < tasks; task++)
            {
                run(task);
            }

            return;
        }

        _besideRecords = Math.Min(records, Places.Count);
        _crew.Run(tasks, run, _beside is null || records == 0 ? null : _runBeside);
    }

    /// <summary>Each worker once.</summary>
    private void ForEachWorker(Action<int> run) => Together(Workers, run, 0);
}
