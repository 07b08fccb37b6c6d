namespace Kappa.Log.Tests.Archives;

/// <summary>What goes wrong with one call of a store.</summary>
internal enum StoreFault
{
    None,

    /// <summary>It never answers, and does not listen to its token.</summary>
    Hangs,

    /// <summary>It says no; nothing was done.</summary>
    Fails,

    /// <summary>It was done, and the answer is lost.</summary>
    FailsAfter,

    /// <summary>It says yes, and keeps half of the bytes; or it gives half of them.</summary>
    Short,

    /// <summary>It says yes, and keeps other bytes; or it gives other ones.</summary>
    Wrong,

    /// <summary>It gives what was there before the last write, and lists nothing yet.</summary>
    Late,
}

/// <summary>A store in memory that does with each call what a test says.</summary>
internal sealed class MemoryStore(string name, ImpatientTime time) : IArchiveStore
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, byte[]?> _before = [];

    public SortedDictionary<string, byte[]> Objects { get; } = new(StringComparer.Ordinal);

    /// <summary>Asked before each call with "read", "write", "create", "delete" or "list", and the name.</summary>
    public Func<string, string, StoreFault> Fault { get; set; } = (_, _) => StoreFault.None;

    /// <summary>Called after each write that was kept.</summary>
    public Action<string> Written { get; set; } = _ => { };

    public int Calls { get; private set; }

    public string Name => name;

    /// <summary>Cancels at one of the calls to come, from 1, which is done; every call behind it fails.</summary>
    public CancellationTokenSource CutAt(int call)
    {
        var cut = new CancellationTokenSource();
        Fault = (_, _) =>
        {
            if (--call == 0)
            {
                cut.Cancel();
            }

            return call < 0 ? StoreFault.Fails : StoreFault.None;
        };
        return cut;
    }

    public ValueTask<Stream?> ReadAsync(string name, CancellationToken cancel)
    {
        var fault = Next("read", name);
        lock (_lock)
        {
            var bytes = fault == StoreFault.Late && _before.TryGetValue(name, out var old)
                ? old : Objects.GetValueOrDefault(name);
            return fault switch
            {
                StoreFault.Hangs => Never<Stream?>(),
                StoreFault.Fails or StoreFault.FailsAfter => throw Down(),
                _ => ValueTask.FromResult<Stream?>(bytes is null ? null : new MemoryStream(Bent(fault, bytes))),
            };
        }
    }

    public ValueTask WriteAsync(string name, Stream content, CancellationToken cancel)
    {
        var fault = Next("write", name);
        if (fault == StoreFault.Hangs)
        {
            return new ValueTask(Never<bool>().AsTask());
        }

        if (fault == StoreFault.Fails)
        {
            throw Down();
        }

        var bytes = new MemoryStream();
        content.CopyTo(bytes);
        Keep(name, Bent(fault, bytes.ToArray()));
        return fault == StoreFault.FailsAfter ? throw Down() : ValueTask.CompletedTask;
    }

    public ValueTask<bool> CreateAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancel)
    {
        var fault = Next("create", name);
        if (fault == StoreFault.Hangs)
        {
            return Never<bool>();
        }

        if (fault == StoreFault.Fails)
        {
            throw Down();
        }

        if (Objects.ContainsKey(name))
        {
            return ValueTask.FromResult(false);
        }

        Keep(name, content.ToArray());
        return fault == StoreFault.FailsAfter ? throw Down() : ValueTask.FromResult(true);
    }

    public ValueTask DeleteAsync(string name, CancellationToken cancel)
    {
        var fault = Next("delete", name);
        if (fault == StoreFault.Hangs)
        {
            return new ValueTask(Never<bool>().AsTask());
        }

        if (fault == StoreFault.Fails)
        {
            throw Down();
        }

        lock (_lock)
        {
            // It says yes, and deletes nothing.
            if (fault is not (StoreFault.Short or StoreFault.Wrong) && Objects.Remove(name, out var bytes))
            {
                _before[name] = bytes;
            }
        }

        Written(name);
        return fault == StoreFault.FailsAfter ? throw Down() : ValueTask.CompletedTask;
    }

    public ValueTask<IReadOnlyList<string>> ListAsync(string folder, CancellationToken cancel)
    {
        var fault = Next("list", folder);
        var under = folder.Length == 0 ? "" : folder + "/";
        return fault switch
        {
            StoreFault.Hangs => Never<IReadOnlyList<string>>(),
            StoreFault.Fails or StoreFault.FailsAfter => throw Down(),
            StoreFault.Late => ValueTask.FromResult<IReadOnlyList<string>>([]),
            _ => ValueTask.FromResult<IReadOnlyList<string>>([.. Objects.Keys
                .Where(key => key.StartsWith(under, StringComparison.Ordinal))
                .Select(key => key[under.Length..].Split('/')[0]).Distinct()]),
        };
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    public Dictionary<string, byte[]> Copy()
    {
        lock (_lock)
        {
            return new Dictionary<string, byte[]>(Objects);
        }
    }

    private static byte[] Bent(StoreFault fault, byte[] bytes) => fault switch
    {
        StoreFault.Short => bytes[..(bytes.Length / 2)],
        StoreFault.Wrong when bytes.Length > 0 =>
            [.. bytes[..(bytes.Length / 3)], (byte)(bytes[bytes.Length / 3] ^ 1), .. bytes[((bytes.Length / 3) + 1)..]],
        _ => bytes,
    };

    private static KappaException Down() =>
        new(ErrorKind.Unavailable, "The store is down.", "Wait for it.");

    private StoreFault Next(string what, string name)
    {
        lock (_lock)
        {
            Calls++;
        }

        return Fault(what, name);
    }

    private void Keep(string name, byte[] bytes)
    {
        lock (_lock)
        {
            _before[name] = Objects.GetValueOrDefault(name);
            Objects[name] = bytes;
        }

        Written(name);
    }

    private ValueTask<T> Never<T>()
    {
        time.Expire();
        return new ValueTask<T>(new TaskCompletionSource<T>().Task);
    }
}
