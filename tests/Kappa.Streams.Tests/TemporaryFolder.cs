namespace Kappa.Streams.Tests;

internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("kappa-streams-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
