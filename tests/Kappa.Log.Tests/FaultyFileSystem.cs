namespace Kappa.Log.Tests;

/// <summary>
/// A disk in memory that can fail on demand and lose power. What was synced survives; of what was not, any 512-byte
/// sectors, any length and any names may survive a crash. A failed sync marks its pages clean, as Linux does: syncing
/// again succeeds and keeps only what was written since.
/// </summary>
internal sealed class FaultyFileSystem : IFileSystem
{
    private const int SectorBytes = 512;
    private readonly Lock _lock = new();
    private readonly SortedDictionary<string, Node> _names = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, Node> _syncedNames = new(StringComparer.Ordinal);
    private readonly SortedSet<string> _folders = new(StringComparer.Ordinal);
    private readonly HashSet<string> _held = [];

    /// <summary>
    /// Asked before every call that changes the disk: "write", "sync", "create", "rename", "delete", "sync folder".
    /// </summary>
    public Func<string, string, KappaException?>? Fault { get; set; }

    /// <summary>Asked before every opening of a file.</summary>
    public Func<string, KappaException?>? OpenFault { get; set; }

    /// <summary>How many bytes were read so far.</summary>
    public long BytesRead { get; private set; }

    /// <summary>How many calls changed the disk so far.</summary>
    public int Operations { get; private set; }

    public static KappaException BrokenDisk(string path) =>
        new(ErrorKind.Unavailable, $"The disk did not keep '{path}'.", "Check the disk.");

    /// <summary>What is on the disk after a power loss now; this disk is not changed.</summary>
    public FaultyFileSystem Crash(Random random)
    {
        lock (_lock)
        {
            var after = new FaultyFileSystem();
            after._folders.UnionWith(_folders);
            foreach (var name in _names.Keys.Union(_syncedNames.Keys))
            {
                var node = _syncedNames.GetValueOrDefault(name);
                if (!ReferenceEquals(node, _names.GetValueOrDefault(name)) && random.Next(2) == 0)
                {
                    node = _names.GetValueOrDefault(name);
                }

                if (node is not null)
                {
                    var kept = new Node { Bytes = node.Torn(random) };
                    kept.Synced = [.. kept.Bytes];
                    after._names[name] = kept;
                    after._syncedNames[name] = kept;
                }
            }

            return after;
        }
    }

    /// <summary>Every file and its bytes.</summary>
    public IReadOnlyDictionary<string, byte[]> Snapshot()
    {
        lock (_lock)
        {
            return _names.ToDictionary(pair => pair.Key, pair => pair.Value.Bytes.ToArray());
        }
    }

    /// <summary>Replaces a file's bytes behind the log's back.</summary>
    public void Put(string path, byte[] bytes)
    {
        lock (_lock)
        {
            _folders.Add(Path.GetDirectoryName(path)!);
            _names[path] = _syncedNames[path] = new Node { Bytes = bytes, Synced = [.. bytes] };
        }
    }

    public IFile Open(string path, FileIntent intent)
    {
        lock (_lock)
        {
            if (intent == FileIntent.Create)
            {
                Change("create", path);
                if (_names.ContainsKey(path) || !_folders.Contains(Path.GetDirectoryName(path)!))
                {
                    throw new KappaException(ErrorKind.Conflict, $"'{path}' cannot be created.", "Choose another.");
                }

                _names[path] = new Node();
            }

            if (OpenFault?.Invoke(path) is { } refused)
            {
                throw refused;
            }

            return _names.TryGetValue(path, out var node)
                ? new OpenFile(this, path, node)
                : throw new KappaException(ErrorKind.NotFound, $"'{path}' is missing.", "Choose another.");
        }
    }

    public void CreateFolder(string path)
    {
        lock (_lock)
        {
            for (var at = path; at is not null; at = Path.GetDirectoryName(at))
            {
                _folders.Add(at);
            }
        }
    }

    public bool Exists(string path)
    {
        lock (_lock)
        {
            return _names.ContainsKey(path) || _folders.Contains(path);
        }
    }

    public IReadOnlyList<string> List(string folder)
    {
        lock (_lock)
        {
            return [.. _names.Keys.Concat(_folders).Where(path => Path.GetDirectoryName(path) == folder)
                .Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];
        }
    }

    public void Rename(string from, string to)
    {
        lock (_lock)
        {
            Change("rename", to);
            _names[to] = _names[from];
            _names.Remove(from);
        }
    }

    public void Delete(string path)
    {
        lock (_lock)
        {
            if (_names.ContainsKey(path))
            {
                Change("delete", path);
                _names.Remove(path);
            }
        }
    }

    public void SyncFolder(string path)
    {
        lock (_lock)
        {
            Change("sync folder", path);
            foreach (var name in _syncedNames.Keys.Where(name => Path.GetDirectoryName(name) == path).ToList())
            {
                _syncedNames.Remove(name);
            }

            foreach (var (name, node) in _names.Where(pair => Path.GetDirectoryName(pair.Key) == path))
            {
                _syncedNames[name] = node;
            }
        }
    }

    public IDisposable Lock(string folder)
    {
        lock (_lock)
        {
            return _held.Add(folder)
                ? new Hold(this, folder)
                : throw new KappaException(ErrorKind.Conflict, $"'{folder}' is held.", "Choose another.");
        }
    }

    private void Change(string what, string path)
    {
        Operations++;
        if (Fault?.Invoke(what, path) is { } fault)
        {
            throw fault;
        }
    }

    private sealed class Node
    {
        public byte[] Bytes { get; set; } = [];

        public byte[] Synced { get; set; } = [];

        /// <summary>Sectors written since the last sync, whether it succeeded or failed.</summary>
        public HashSet<int> Dirty { get; } = [];

        public void Wrote(long position, int count)
        {
            for (var sector = (int)(position / SectorBytes); sector * (long)SectorBytes < position + count; sector++)
            {
                Dirty.Add(sector);
            }
        }

        public void Keep()
        {
            var kept = new byte[Bytes.Length];
            Synced.AsSpan(0, Math.Min(kept.Length, Synced.Length)).CopyTo(kept);
            foreach (var at in Dirty.Select(sector => sector * SectorBytes).Where(at => at < kept.Length))
            {
                var until = Math.Min(at + SectorBytes, kept.Length);
                Bytes.AsSpan(at..until).CopyTo(kept.AsSpan(at));
            }

            Synced = kept;
            Dirty.Clear();
        }

        public byte[] Torn(Random random)
        {
            var length = random.Next(3) switch
            {
                0 => Synced.Length,
                1 => Bytes.Length,
                _ => random.Next(Math.Min(Synced.Length, Bytes.Length), Math.Max(Synced.Length, Bytes.Length) + 1),
            };
            var torn = new byte[length];
            Synced.AsSpan(0, Math.Min(length, Synced.Length)).CopyTo(torn);
            for (var at = 0; at < Math.Min(length, Bytes.Length); at += SectorBytes)
            {
                if (random.Next(2) == 0)
                {
                    var until = Math.Min(at + SectorBytes, Math.Min(length, Bytes.Length));
                    Bytes.AsSpan(at..until).CopyTo(torn.AsSpan(at));
                }
            }

            return torn;
        }
    }

    private sealed class Hold(FaultyFileSystem disk, string folder) : IDisposable
    {
        public void Dispose()
        {
            lock (disk._lock)
            {
                disk._held.Remove(folder);
            }
        }
    }

    private sealed class OpenFile(FaultyFileSystem disk, string path, Node node) : IFile
    {
        public long Length
        {
            get
            {
                lock (disk._lock)
                {
                    return node.Bytes.Length;
                }
            }
        }

        public int Read(Span<byte> into, long position)
        {
            lock (disk._lock)
            {
                var count = (int)Math.Clamp(node.Bytes.Length - position, 0, into.Length);
                node.Bytes.AsSpan((int)Math.Min(position, node.Bytes.Length), count).CopyTo(into);
                disk.BytesRead += count;
                return count;
            }
        }

        public void Write(ReadOnlySpan<byte> bytes, long position)
        {
            lock (disk._lock)
            {
                var grown = new byte[Math.Max(node.Bytes.Length, position + bytes.Length)];
                node.Wrote(position, bytes.Length);
                node.Bytes.CopyTo(grown.AsSpan());
                try
                {
                    disk.Change("write", path);
                }
                catch (KappaException)
                {
                    // A write that fails may have written some of it.
                    bytes[..(bytes.Length / 2)].CopyTo(grown.AsSpan((int)position));
                    node.Bytes = grown;
                    throw;
                }

                bytes.CopyTo(grown.AsSpan((int)position));
                node.Bytes = grown;
            }
        }

        public void Truncate(long length)
        {
            lock (disk._lock)
            {
                disk.Change("cut", path);
                node.Bytes = node.Bytes[..(int)length];
            }
        }

        public void Sync()
        {
            lock (disk._lock)
            {
                try
                {
                    disk.Change("sync", path);
                }
                catch (KappaException)
                {
                    node.Dirty.Clear();
                    throw;
                }

                node.Keep();
            }
        }

        public void Dispose()
        {
        }
    }
}
