namespace Kappa.Log.Projections;

/// <summary>
/// The twins of a log: one folder, one file each. Everything in it may be deleted at any time, by whomever. The one
/// place that finds, counts and deletes them.
/// </summary>
internal sealed class TwinStore
{
    private readonly IFileSystem _files;
    private readonly Lock _lock = new();
    private readonly Dictionary<(Guid, string), Twin> _twins = [];
    private long _damaged;

    private TwinStore(string folder, IFileSystem files)
    {
        Folder = folder;
        _files = files;
    }

    public string Folder { get; }

    /// <summary>How many were found damaged, and removed, since the log was opened.</summary>
    public long Damaged => Interlocked.Read(ref _damaged);

    /// <summary>Finds what is there. What is not whole goes.</summary>
    public static TwinStore Open(string folder, IFileSystem files)
    {
        var store = new TwinStore(folder, files);
        foreach (var name in files.List(folder))
        {
            var path = Path.Combine(folder, name);
            if (name.EndsWith(".projection", StringComparison.Ordinal))
            {
                store.Scan(path, name);
            }
            else if (name.EndsWith(".projection.new", StringComparison.Ordinal))
            {
                store.Delete(path);
            }
        }

        return store;
    }

    /// <summary>Opens the twin of a segment; null where there is none that is any use.</summary>
    /// <param name="raw">The segment's id.</param>
    /// <param name="end">Where the segment ends.</param>
    /// <param name="key">How it is typed.</param>
    public (Twin Twin, IFile File)? TryOpen(Guid raw, long end, string key)
    {
        if (Find(raw, key) is not { } twin || twin.Header.RawEnd > end)
        {
            return null;
        }

        try
        {
            return (twin, _files.Open(twin.Path, FileIntent.Read));
        }
        catch (KappaException)
        {
            // Deleted by whomever, or not readable: it is a cache.
            Forget(twin);
            return null;
        }
    }

    /// <summary>Is there a twin of all of a segment?</summary>
    public bool Covers(Segment raw, string key)
    {
        if (Find(raw.Header.SegmentId, key) is not { } twin)
        {
            return false;
        }

        if (!_files.Exists(twin.Path))
        {
            Forget(twin);
            return false;
        }

        return twin.Header.RawEnd >= raw.End;
    }

    public void Add(Twin twin)
    {
        lock (_lock)
        {
            _twins[twin.Id] = twin;
        }
    }

    /// <summary>A twin's bytes are not what was written: it goes, and is counted.</summary>
    public void RemoveDamaged(Twin twin)
    {
        Interlocked.Increment(ref _damaged);
        Forget(twin);
        Delete(twin.Path);
    }

    /// <summary>All twins there are now.</summary>
    public IReadOnlyList<Twin> All
    {
        get
        {
            lock (_lock)
            {
                return [.. _twins.Values];
            }
        }
    }

    /// <summary>Deletes the twins that a condition holds for.</summary>
    public void Remove(Func<Twin, bool> isGone)
    {
        foreach (var twin in All.Where(isGone))
        {
            Forget(twin);
            Delete(twin.Path);
        }
    }

    /// <summary>How many twins of a topic there are, and their bytes.</summary>
    public (int Twins, long Bytes) Of(int topicId)
    {
        lock (_lock)
        {
            var own = _twins.Values.Where(twin => twin.Header.Segment.TopicId == topicId).ToList();
            return (own.Count, own.Sum(twin => twin.Header.Length));
        }
    }

    private Twin? Find(Guid raw, string key)
    {
        lock (_lock)
        {
            return _twins.GetValueOrDefault((raw, key));
        }
    }

    private void Scan(string path, string name)
    {
        TwinHeader? header = null;
        try
        {
            using var file = _files.Open(path, FileIntent.Read);
            header = TwinHeader.Read(file);
        }
        catch (KappaException)
        {
            // What cannot be read is no twin.
        }

        if (header is not null && Twin.NameOf(header.RawId, header.Key) == name)
        {
            Add(new Twin(path, header));
        }
        else
        {
            Interlocked.Increment(ref _damaged);
            Delete(path);
        }
    }

    private void Forget(Twin twin)
    {
        lock (_lock)
        {
            if (_twins.GetValueOrDefault(twin.Id) == twin)
            {
                _twins.Remove(twin.Id);
            }
        }
    }

    private void Delete(string path)
    {
        try
        {
            _files.Delete(path);
        }
        catch (KappaException)
        {
            // It is used no more; the next start tries again.
        }
    }
}
