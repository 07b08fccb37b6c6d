using Kappa.Log.Erasures;

namespace Kappa.Log.Archives;

/// <summary>
/// Segments fetched from archives, as files of this machine while readers use them, and for a while after. Every one
/// was compared with its manifest's hash before anybody sees it. Everything in the folder may go at any time the log is
/// closed.
/// </summary>
internal sealed class SegmentCache(
    string folder, IFileSystem files, long bytesMax, ErasureNotes erasures) : IDisposable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<(string Store, string Name), Fetched> _fetched = [];
    private readonly CancellationTokenSource _stop = new();
    private long _uses;

    /// <summary>Where the files lie.</summary>
    public string Folder => folder;

    /// <summary>Deletes what an earlier process left.</summary>
    public void Clear()
    {
        foreach (var name in files.List(folder))
        {
            files.Delete(Path.Combine(folder, name));
        }
    }

    /// <summary>Begins to fetch a segment, if it is not there, because it will be read soon.</summary>
    public void Prefetch(Archive archive, ArchiveEntry entry)
    {
        lock (_lock)
        {
            Start(archive, entry, users: 0);
        }
    }

    /// <summary>A segment's file; waits until it is fetched. To be given back.</summary>
    /// <exception cref="KappaException">It is damaged, or the store does not answer for longer than
    /// patience.</exception>
    public Lease Take(Archive archive, ArchiveEntry entry)
    {
        Fetched fetched;
        lock (_lock)
        {
            fetched = Start(archive, entry, users: 1);
        }

        try
        {
            // Readers do not wait for records here, but for a disk that is far away.
            var segment = fetched.Segment.GetAwaiter().GetResult();
            return new Lease(this, fetched, archive, entry, segment, Opened(archive, entry, fetched, segment));
        }
        catch (OperationCanceledException closing)
        {
            Release(fetched);
            throw Closing(archive, closing);
        }
        catch
        {
            Release(fetched);
            throw;
        }
    }

    /// <summary>An object was deleted because its values were erased (rule L10): nobody gets it any more.</summary>
    public void Drop(Archive archive, string name)
    {
        lock (_lock)
        {
            if (_fetched.Remove((archive.StoreName, name), out var fetched))
            {
                fetched.IsDropped = true;
                if (fetched.Segment.IsCompleted)
                {
                    ForgetDropped(fetched);
                }
                else
                {
                    _ = fetched.Segment.ContinueWith(_ => ForgetDropped(fetched), TaskScheduler.Default);
                }
            }
        }
    }

    /// <summary>Cancelled when nothing is fetched any more.</summary>
    public CancellationToken Stopping => _stop.Token;

    /// <summary>Ends what is being fetched: readers that wait are told. Nothing is fetched from now on.</summary>
    public void Stop() => _stop.Cancel();

    public void Dispose()
    {
        Stop();
        lock (_lock)
        {
            foreach (var fetched in _fetched.Values.ToList())
            {
                Forget(fetched);
            }
        }
    }

    public static KappaException Closing(Archive archive, Exception closing) => new(
        ErrorKind.Unavailable, $"The log is closing: nothing is read out of '{archive.StoreName}'.", "Open it again.",
        closing);

    private void ForgetDropped(Fetched fetched)
    {
        lock (_lock)
        {
            if (fetched.Users == 0)
            {
                Forget(fetched);
            }
        }
    }

    // Also what lies in the folder of a store: it may have been deleted since it was looked at.
    private IFile Opened(Archive archive, ArchiveEntry entry, Fetched fetched, Segment segment)
    {
        try
        {
            return files.Open(segment.Path, FileIntent.Read);
        }
        catch (KappaException gone) when (!files.Exists(segment.Path))
        {
            lock (_lock)
            {
                fetched.IsDropped = true;
                _fetched.Remove(fetched.Key);
            }

            throw entry.Damage(archive.StoreName, archive.ObjectName(entry), "it is gone: " + gone.Message);
        }
    }

    private Fetched Start(Archive archive, ArchiveEntry entry, int users)
    {
        var key = (archive.StoreName, archive.ObjectName(entry));
        if (!_fetched.TryGetValue(key, out var fetched))
        {
            fetched = new Fetched(key, archive.Store.PathOf(key.Item2), entry.Length);
            _fetched.Add(key, fetched);
            fetched.Segment = Task.Run(() => FetchAsync(archive, entry, fetched));
        }

        fetched.Users += users;
        fetched.LastUse = ++_uses;
        Evict();
        return fetched;
    }

    private async Task<Segment> FetchAsync(Archive archive, ArchiveEntry entry, Fetched fetched)
    {
        var name = fetched.Key.Name;
        var note = archive.Inherited is null ? null : erasures.Of(
            new SegmentName(archive.Owner!.TopicId, entry.Partition, entry.Number));
        fetched.Revision = archive.Inherited is null ? entry.Revision : note?.Revision ?? 0;
        if (note is null && fetched.StorePath is { } there)
        {
            // It lies on this machine: looked at as a whole once, and then read where it is.
            await archive.Store.FetchAsync(name, entry, (_, _) => { }, _stop.Token);
            return Open(there, archive, entry);
        }

        files.CreateFolder(folder);
        fetched.OwnPath = NewPath();
        using (var file = files.Open(fetched.OwnPath, FileIntent.Create))
        {
            await archive.Store.FetchAsync(name, entry, (bytes, at) => file.Write(bytes.Span, at), _stop.Token);
        }

        var segment = Open(fetched.OwnPath, archive, entry);
        return note is null ? segment : Erase(archive, segment, note);
    }

    private string NewPath() => Path.Combine(folder, Guid.NewGuid().ToString("N") + ".segment");

    /// <summary>
    /// A segment without what is noted to be erased in it (rule L10): nobody of this log writes that archive, and what
    /// went through erasures of its own log is not known here, so all that is noted goes.
    /// </summary>
    private Segment Erase(Archive archive, Segment whole, ErasureNote note)
    {
        SegmentHeader? erased;
        SegmentRewrite rewrite;
        using (var source = files.Open(whole.Path, FileIntent.Read))
        {
            rewrite = new SegmentRewrite(
                files, archive.Topic, whole, source, NewPath(), (in record) => note.Of(record.Offset, revision: 0));
            erased = rewrite.Write(isNeeded: false, _stop.Token);
        }

        if (erased is not { } header)
        {
            return whole;
        }

        files.Rename(rewrite.Aside, whole.Path);
        return new Segment(whole.Path, header, header.OwnEnd);
    }

    private Segment Open(string path, Archive archive, ArchiveEntry entry)
    {
        using var file = files.Open(path, FileIntent.Read);
        var bytes = new byte[SegmentHeader.Size];
        var wrong = SegmentHeader.TryRead(bytes.AsSpan(0, file.Read(bytes, 0)), out var header);
        var owner = archive.Owner!;
        wrong ??= header.LogId != owner.Log.Value || header.TopicId != owner.TopicId
            || header.Partition != entry.Partition || header.Number != entry.Number
            || header.BaseOffset != entry.BaseOffset || header.SegmentId != entry.SegmentId
            ? "its header is of another segment" : null;
        return wrong is null
            ? new Segment(path, header, entry.Length)
            : throw entry.Damage(archive.StoreName, archive.ObjectName(entry), wrong);
    }

    private void Release(Fetched fetched)
    {
        lock (_lock)
        {
            fetched.Users--;
            if (fetched.Users == 0 && (fetched.IsDropped || fetched.Segment is { IsFaulted: true } or
                { IsCanceled: true }))
            {
                Forget(fetched);
            }

            Evict();
        }
    }

    // A failure is nobody's for ever: whoever asks next tries again.
    private void Evict()
    {
        var held = _fetched.Values.Sum(one => one.OwnPath is null ? 0 : one.Length);
        foreach (var idle in _fetched.Values
            .Where(one => one.Users == 0 && one.Segment.IsCompleted).OrderBy(one => one.LastUse).ToList())
        {
            if (held > bytesMax || idle.Segment.IsFaulted || idle.Segment.IsCanceled)
            {
                held -= idle.OwnPath is null ? 0 : idle.Length;
                Forget(idle);
            }
        }
    }

    private void Forget(Fetched fetched)
    {
        if (_fetched.GetValueOrDefault(fetched.Key) == fetched)
        {
            _fetched.Remove(fetched.Key);
        }

        _ = fetched.Segment.Exception;
        try
        {
            if (fetched.OwnPath is { } path)
            {
                files.Delete(path);
            }
        }
        catch (KappaException)
        {
            // It is used no more; the next opening of the log deletes it.
        }
    }

    /// <summary>The use of a fetched segment.</summary>
    public sealed class Lease(
        SegmentCache cache, Fetched fetched, Archive archive, ArchiveEntry entry, Segment segment, IFile file)
        : IDisposable
    {
        private Fetched? _held = fetched;

        /// <summary>Where it came from.</summary>
        public Archive Archive { get; } = archive;

        /// <summary>What that says of it.</summary>
        public ArchiveEntry Entry { get; } = entry;

        /// <summary>Of how many of the erasures this log noted of it (rule L10) its bytes are rid.</summary>
        public int Revision { get; } = fetched.Revision;

        public Segment Segment { get; } = segment;

        /// <summary>Its file, open: it stays the same whatever becomes of its name.</summary>
        public IFile File { get; } = file;

        public void Dispose()
        {
            if (_held is { } held)
            {
                _held = null;
                File.Dispose();
                cache.Release(held);
            }
        }
    }

    /// <summary>A segment that is fetched or being fetched.</summary>
    public sealed class Fetched((string Store, string Name) key, string? storePath, long length)
    {
        public (string Store, string Name) Key { get; } = key;

        public string? StorePath { get; } = storePath;

        public long Length { get; } = length;

        public string? OwnPath { get; set; }

        public Task<Segment> Segment { get; set; } = null!;

        public int Revision { get; set; }

        public int Users { get; set; }

        /// <summary>It is no longer among those that are asked for; its file goes with its last user.</summary>
        public bool IsDropped { get; set; }

        public long LastUse { get; set; }
    }
}
