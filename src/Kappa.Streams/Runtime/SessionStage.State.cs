namespace Kappa.Streams.Runtime;

/// <content>How sessions are written and read.</content>
internal sealed partial class SessionStage<TKey, T, TState, TResult>
{
    public void Save(StateWriter into) => _all.Save(_open, into);

    public void Load(StateReader from, IReadOnlyList<IStage> workers)
    {
        for (var left = from.ReadInt64(); left > 0; left--)
        {
            var (key, open, _) = _all.Load(from);
            ((SessionStage<TKey, T, TState, TResult>)workers[_instance.Machine.ShardOf(key)]).Add(key, open);
        }
    }

    private void Add(TKey key, List<Session> open)
    {
        _open.Put(key, open, isChanged: false);
        foreach (var session in open)
        {
            Queue(key, session);
            if (session.IsDirty)
            {
                _dirty.Add((key, session));
            }
        }
    }

    private static void WriteAll(StateWriter into, List<Session> open)
    {
        into.Write(open.Count);
        foreach (var session in open)
        {
            into.Write(session.First);
            into.Write(session.Last);
            into.Write(session.QueuedLast);
            into.Write(session.IsDirty ? 1 : 0);
            into.Write(session.Written?.Start ?? long.MinValue);
            into.Write(session.Written?.End ?? long.MinValue);
            StateCodec<TState>.Write(into, session.State);
        }
    }

    private List<Session> ReadAll(StateReader from)
    {
        var open = new List<Session>();
        for (var left = from.ReadInt32(); left > 0; left--)
        {
            var session = new Session
            {
                First = from.ReadInt64(),
                Last = from.ReadInt64(),
                QueuedLast = from.ReadInt64(),
                IsDirty = from.ReadInt32() == 1,
                Written = WrittenOf(from.ReadInt64(), from.ReadInt64()),
                State = StateCodec<TState>.Read(from),
            };
            open.Add(session);
        }

        return open;
    }

    private static WindowBounds? WrittenOf(long start, long end) =>
        start == long.MinValue ? null : new WindowBounds(start, end);
}
