namespace Kappa.Log;

/// <summary>
/// Something that is done by the committer's thread between two groups: what changes the list of a partition's segments
/// must not meet one that is being written.
/// </summary>
/// <param name="act">What is done.</param>
internal sealed class CommitterWork(Action act)
{
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task Done => _done.Task;

    /// <summary>Does it. What it throws is for whoever asked, and nothing else.</summary>
    public void Run()
    {
        try
        {
            act();
            _done.TrySetResult();
        }
        catch (KappaException trouble)
        {
            _done.TrySetException(trouble);
        }
    }

    public void Fail(Exception why) => _done.TrySetException(why);
}
