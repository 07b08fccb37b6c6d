namespace Kappa.Log;

/// <content>Topics: created, changed, completed, dropped, deleted.</content>
public sealed partial class EmbeddedLog
{
    /// <inheritdoc/>
    public async ValueTask ChangeAsync(TopicChange change, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(change);
        ThrowIfClosed();
        await _changing.WaitAsync(cancel);
        try
        {
            switch (change)
            {
                case CreateTopic create:
                    RefuseToLose(create.Name, create.Settings);
                    _topics = _topics.Create(create, _options);
                    break;
                case SetTopic set:
                    RefuseToLose(set.Name, set.Settings);
                    _topics = _topics.Set(set, _options);
                    break;
                case CompleteTopic complete:
                    await CompleteAsync(complete);
                    break;
                case DropTopic drop:
                    RefuseOthers(drop.Name);
                    await DropAsync(drop.Name);
                    break;
                case DeleteTopic delete:
                    RefuseDerived(delete.Name);
                    await DropAsync(delete.Name);
                    break;
                default:
                    throw new KappaException(
                        ErrorKind.Invalid, $"A topic cannot be changed by {change.GetType().Name}.",
                        "Create, set, complete, drop or delete it.");
            }
        }
        finally
        {
            _changing.Release();
        }
    }

    private async Task CompleteAsync(CompleteTopic complete)
    {
        var topic = _topics[complete.Name];
        if (topic.IsComplete)
        {
            _topics = _topics.With(complete.Name, TopicEnding.Complete, _options);
            return;
        }

        TopicTable.RefusePlatforms(complete.Name);
        _topics = _topics.With(complete.Name, TopicEnding.Asked, _options);
        await _committer.AppendClockAsync(new ClockRecord(ClockKind.Complete, complete.Name), topic);
        _topics = _topics.With(complete.Name, TopicEnding.Complete, _options);
    }

    private async Task DropAsync(string name)
    {
        if (_topics.All.FirstOrDefault(one => one.Name == name) is not { } topic)
        {
            _topics = WithoutDropped();
            return;
        }

        // Nothing is taken from now on; when the clock's record is through, all taken before is decided.
        var wasComplete = topic.IsComplete;
        topic.IsComplete = true;
        try
        {
            await _committer.AppendClockAsync(new ClockRecord(ClockKind.Tick));
            if (!Names.IsDerived(name))
            {
                await KeepProducersAsync();
            }

            _topics = _topics.With(name, TopicEnding.Dropped, _options);
        }
        catch (KappaException)
        {
            topic.IsComplete = wasComplete;
            throw;
        }

        var gone = new KappaException(
            ErrorKind.NotFound, $"Topic '{name}' was dropped.", "Name one of 'kappa topics'.");
        await _committer.RunAsync(() => Array.ForEach(
            topic.Partitions, partition => partition.Drop(gone, _committer.CompleteTo)));

        _topics = WithoutDropped();
        _archives.Detach(name);
        _erasures.Keep(_topics.All.Select(one => one.Id).ToHashSet());
        DeleteOrphans();
    }

    private static void RefuseOthers(string name)
    {
        if (!Names.IsDerived(name))
        {
            throw new KappaException(
                ErrorKind.Invalid, $"Topic '{name}' cannot be dropped: only derived topics, 'name@version', can.",
                "Drop the version that says it; a topic of users is deleted.");
        }
    }

    private static void RefuseDerived(string name)
    {
        TopicTable.RefusePlatforms(name);
        if (Names.IsDerived(name))
        {
            throw new KappaException(
                ErrorKind.Invalid, $"Topic '{name}' is what a version says, and goes with it.",
                "Drop that version.");
        }
    }
}
