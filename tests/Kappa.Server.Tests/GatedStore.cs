using Kappa.Log;

namespace Kappa.Server.Tests;

/// <summary>An archive's store that answers nothing before it is let through.</summary>
internal sealed class GatedStore(IArchiveStore inner, Task gate) : IArchiveStore
{
    public string Name => inner.Name;

    public async ValueTask<Stream?> ReadAsync(string name, CancellationToken cancel)
    {
        await gate.WaitAsync(cancel);
        return await inner.ReadAsync(name, cancel);
    }

    public async ValueTask WriteAsync(string name, Stream content, CancellationToken cancel)
    {
        await gate.WaitAsync(cancel);
        await inner.WriteAsync(name, content, cancel);
    }

    public async ValueTask<bool> CreateAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancel)
    {
        await gate.WaitAsync(cancel);
        return await inner.CreateAsync(name, content, cancel);
    }

    public async ValueTask DeleteAsync(string name, CancellationToken cancel)
    {
        await gate.WaitAsync(cancel);
        await inner.DeleteAsync(name, cancel);
    }

    public async ValueTask<IReadOnlyList<string>> ListAsync(string folder, CancellationToken cancel)
    {
        await gate.WaitAsync(cancel);
        return await inner.ListAsync(folder, cancel);
    }

    public ValueTask DisposeAsync() => inner.DisposeAsync();
}
