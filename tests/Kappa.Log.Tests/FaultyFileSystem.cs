namespace Kappa.Log.Tests;

/// <summary>
/// A disk in memory that fails on demand and loses power. Contents and names are durable only when synced; of the rest
/// a crash keeps any sectors, any length and any names, in any order. A failed sync marks what it should have kept
/// clean, as Linux does. Bytes are replaced, never changed, so that a copy of the whole disk costs nothing.
/// </summary>
internal sealed class FaultyFileSystem : IFileSystem
{
    private const int SectorBytes = 512;
    private readonly object _lock = new();
    private readonly HashSet<string> _held = [];
    private SortedDictionary<string, Node> _names = new(StringComparer.Ordinal);
    private SortedDictionary<string, Node> _durable = new(StringComparer.Ordinal);

    private int _operations;
    private long _bytesRead;

    /// <summary>
    /// Asked before every change of the disk: "write", "sync", "cut", "create", "rename", "delete" or "sync folder",
    /// and which path. An answer makes it fail.
    /// </summary>
    public Func<string, string, KappaException?>? Fault { get; set; }

    /// <summary>Asked before every opening of a file. An answer makes it fail.</summary>
    public Func<string, KappaException?>? OpenFault { get; set; }

    /// <summary>How many bytes were read so far.</summary>
    public long BytesRead => Interlocked.Read(ref _bytesRead);

    /// <summary>How many calls changed the disk so far, or tried to.</summary>
    public int Operations => Volatile.Read(ref _operations);

    public static KappaException BrokenDisk(string path) =>
        new(ErrorKind.Unavailable, $"The disk did not keep '{path}'.", "Check the disk.");

    /// <summary>Everything that is lost, at once: names and bytes that were not synced.</summary>
    public FaultyFileSystem CrashLosingAll() => Crash((_, _) => false, (node, _) => node.Durable);

    /// <summary>A power loss that takes nothing away.</summary>
    public FaultyFileSystem CrashKeepingAll() => Crash((_, _) => true, (node, _) => node.Bytes);

    /// <summary>A power loss that keeps of what was not synced what chance likes.</summary>
    public FaultyFileSystem Crash(Random random)
    {
        var namesKept = random.Next(4) switch { 0 => 0, 1 => 100, _ => 50 };
        var manner = random.Next(6);
        return Crash((_, _) => random.Next(100) < namesKept, (node, _) => node.Torn(random, manner));
    }

    /// <summary>The same disk, with all that is not durable yet.</summary>
    public FaultyFileSystem Copy()
    {
        lock (_lock)
        {
            var copies = new Dictionary<Node, Node>(ReferenceEqualityComparer.Instance);
            var copy = new FaultyFileSystem();
            Fill(copy._names, _names);
            Fill(copy._durable, _durable);
            return copy;

            void Fill(SortedDictionary<string, Node> into, SortedDictionary<string, Node> from)
            {
                foreach (var (name, node) in from)
                {
                    if (!copies.TryGetValue(node, out var other))
                    {
                        copies.Add(node, other = node.Copy());
                    }

                    into.Add(name, other);
                }
            }
        }
    }

    /// <summary>Does something while nothing is written.</summary>
    public void Still(Action act)
    {
        lock (_lock)
        {
            act();
        }
    }

    /// <summary>Every file and its bytes, which nobody may change.</summary>
    public SortedDictionary<string, byte[]> Files()
    {
        lock (_lock)
        {
            return new(
                _names.Where(pair => !pair.Value.IsFolder).ToDictionary(pair => pair.Key, pair => pair.Value.Bytes),
                StringComparer.Ordinal);
        }
    }

    /// <summary>Every file and a copy of its bytes.</summary>
    public IReadOnlyDictionary<string, byte[]> Snapshot() =>
        Files().ToDictionary(pair => pair.Key, pair => (byte[])pair.Value.Clone());

    /// <summary>Replaces a file, durably and behind the log's back; null deletes it.</summary>
    public void Put(string path, byte[]? bytes)
    {
        lock (_lock)
        {
            if (bytes is null)
            {
                _names.Remove(path);
                _durable.Remove(path);
                return;
            }

            CreateFolder(Path.GetDirectoryName(path)!);
            _names[path] = _durable[path] = new Node { Bytes = bytes, Durable = bytes };
            for (var at = Path.GetDirectoryName(path)!; at != "/"; at = Path.GetDirectoryName(at)!)
            {
                _durable[at] = _names[at];
            }
        }
    }

    public IFile Open(string path, FileIntent intent)
    {
        lock (_lock)
        {
            if (intent == FileIntent.Create)
            {
                Change("create", path);
                if (_names.ContainsKey(path) || !IsFolder(Path.GetDirectoryName(path)!))
                {
                    throw new KappaException(ErrorKind.Conflict, $"'{path}' cannot be created.", "Choose another.");
                }

                _names[path] = new Node();
            }

            if (OpenFault?.Invoke(path) is { } refused)
            {
                throw refused;
            }

            return _names.TryGetValue(path, out var node) && !node.IsFolder
                ? new OpenFile(this, path, node)
                : throw new KappaException(ErrorKind.NotFound, $"'{path}' is missing.", "Choose another.");
        }
    }

    public void CreateFolder(string path)
    {
        lock (_lock)
        {
            // From the top down, as a disk must: what fails leaves folders that are in one another.
            var missing = new Stack<string>();
            for (var at = path; at != "/" && !IsFolder(at); at = Path.GetDirectoryName(at)!)
            {
                missing.Push(at);
            }

            foreach (var at in missing)
            {
                Change("create", at);
                _names[at] = new Node { IsFolder = true };
            }
        }
    }

    public bool Exists(string path)
    {
        lock (_lock)
        {
            return _names.ContainsKey(path);
        }
    }

    public IReadOnlyList<string> List(string folder)
    {
        lock (_lock)
        {
            return [.. _names.Keys.Where(path => Path.GetDirectoryName(path) == folder)
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
            foreach (var name in _durable.Keys.Where(name => Path.GetDirectoryName(name) == path).ToList())
            {
                _durable.Remove(name);
            }

            foreach (var (name, node) in _names.Where(pair => Path.GetDirectoryName(pair.Key) == path))
            {
                _durable[name] = node;
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

    private FaultyFileSystem Crash(Func<string, Node, bool> isNameKept, Func<Node, string, byte[]> bytesOf)
    {
        lock (_lock)
        {
            var after = new FaultyFileSystem();
            foreach (var name in _names.Keys.Union(_durable.Keys).Order(StringComparer.Ordinal))
            {
                var now = _names.GetValueOrDefault(name);
                var node = _durable.GetValueOrDefault(name);
                if (!ReferenceEquals(now, node) && isNameKept(name, now ?? node!))
                {
                    node = now;
                }

                // What lies in a folder whose name was lost is lost with it.
                var parent = Path.GetDirectoryName(name)!;
                if (node is not null && (parent == "/" || after._names.ContainsKey(parent)))
                {
                    var bytes = bytesOf(node, name);
                    after._names[name] = new Node { IsFolder = node.IsFolder, Bytes = bytes, Durable = bytes };
                }
            }

            after._durable = new(after._names, StringComparer.Ordinal);
            return after;
        }
    }

    private bool IsFolder(string path) =>
        path == "/" || (_names.TryGetValue(path, out var node) && node.IsFolder);

    private void Change(string what, string path)
    {
        Interlocked.Increment(ref _operations);
        if (Fault?.Invoke(what, path) is { } fault)
        {
            throw fault;
        }
    }

    private sealed class Node
    {
        private readonly HashSet<int> _dirty = [];
        private bool _isForgotten;

        public bool IsFolder { get; init; }

        public byte[] Bytes { get; set; } = [];

        public byte[] Durable { get; set; } = [];

        public Node Copy()
        {
            var copy = new Node { IsFolder = IsFolder, Bytes = Bytes, Durable = Durable, _isForgotten = _isForgotten };
            copy._dirty.UnionWith(_dirty);
            return copy;
        }

        public void Wrote(long position, int count)
        {
            for (var sector = (int)(position / SectorBytes); sector * (long)SectorBytes < position + count; sector++)
            {
                _dirty.Add(sector);
            }
        }

        /// <summary>A failed sync: the pages are clean now, and are not written again.</summary>
        public void Forget()
        {
            _dirty.Clear();
            _isForgotten = true;
        }

        public void Keep()
        {
            if (_isForgotten)
            {
                var kept = new byte[Bytes.Length];
                Durable.AsSpan(0, Math.Min(kept.Length, Durable.Length)).CopyTo(kept);
                foreach (var at in _dirty.Select(sector => sector * SectorBytes).Where(at => at < kept.Length))
                {
                    Bytes.AsSpan(at, Math.Min(SectorBytes, kept.Length - at)).CopyTo(kept.AsSpan(at));
                }

                Durable = kept;
            }
            else
            {
                Durable = Bytes;
            }

            _dirty.Clear();
        }

        // 0: only whole sectors from the front; 1: the lost ones are noise; else: zeros, or what was there before.
        public byte[] Torn(Random random, int manner)
        {
            if (ReferenceEquals(Bytes, Durable))
            {
                return Bytes;
            }

            var (shorter, longer) = (Math.Min(Bytes.Length, Durable.Length), Math.Max(Bytes.Length, Durable.Length));
            var length = random.Next(4) switch
            {
                0 => Durable.Length,
                1 => random.Next(shorter, longer + 1),
                _ => Bytes.Length,
            };
            var torn = new byte[length];
            Durable.AsSpan(0, Math.Min(length, Durable.Length)).CopyTo(torn);
            if (manner == 1 && length > Durable.Length)
            {
                // The sector in which the durable bytes end is one write: it is the old one or the new one.
                var from = Math.Min(length, (Durable.Length + SectorBytes - 1) / SectorBytes * SectorBytes);
                random.NextBytes(torn.AsSpan(from));
            }

            var front = manner == 0 ? random.Next((length / SectorBytes) + 2) : int.MaxValue;
            for (var at = 0; at < Math.Min(length, Bytes.Length); at += SectorBytes)
            {
                if (manner == 0 ? at / SectorBytes < front : random.Next(2) == 0)
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
        public long Length => node.Bytes.Length;

        public int Read(Span<byte> into, long position)
        {
            var bytes = node.Bytes;
            var count = (int)Math.Clamp(bytes.Length - position, 0, into.Length);
            bytes.AsSpan((int)Math.Min(position, bytes.Length), count).CopyTo(into);
            Interlocked.Add(ref disk._bytesRead, count);
            return count;
        }

        public void Write(ReadOnlySpan<byte> bytes, long position)
        {
            lock (disk._lock)
            {
                var written = bytes.Length;
                try
                {
                    disk.Change("write", path);
                }
                catch (KappaException)
                {
                    // A write that fails may have written some of it.
                    written /= 2;
                    throw;
                }
                finally
                {
                    var grown = new byte[Math.Max(node.Bytes.Length, position + written)];
                    node.Bytes.CopyTo(grown.AsSpan());
                    bytes[..written].CopyTo(grown.AsSpan((int)position));
                    node.Wrote(position, written);
                    node.Bytes = grown;
                }
            }
        }

        public void Truncate(long length)
        {
            lock (disk._lock)
            {
                disk.Change("cut", path);
                if (length != node.Bytes.Length)
                {
                    node.Bytes = node.Bytes[..(int)length];
                }
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
                    node.Forget();
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
