using Kappa.Log;

namespace Kappa.Streams.Runtime;

/// <summary>Where a run puts state beyond its bound, and what the bounds are.</summary>
internal sealed class SpillSpace(IFileSystem files, string folder)
{
    public const string Ending = ".spill";

    private readonly List<SpillFile> _open = [];

    public IFileSystem Files { get; } = files;

    public string Folder { get; } = folder;

    /// <summary>
    /// About so many bytes of memory may the states of the run take now; it may change from step to step.
    /// </summary>
    public Func<long> Share { get; init; } = () => long.MaxValue;

    /// <summary>The version whose states these are, as errors name it.</summary>
    public string Owner { get; init; } = "the job";

    /// <summary>Most bytes of one key's state in one stage.</summary>
    public long KeyMax { get; init; } = long.MaxValue;

    /// <summary>A file shorter than this is not written anew, however much of it is dead.</summary>
    public long CompactAt { get; init; } = 4 << 20;

    /// <summary>Bytes in scratch files that are still in use.</summary>
    public long LiveBytes
    {
        get
        {
            long bytes = 0;
            foreach (var file in _open)
            {
                bytes += file.LiveBytes;
            }

            return bytes;
        }
    }

    /// <summary>Deletes what a run before this one left; nothing in it is of use to anyone else.</summary>
    public void Clear()
    {
        foreach (var name in Files.List(Folder).Where(name => name.EndsWith(Ending, StringComparison.Ordinal)))
        {
            Files.Delete(Path.Combine(Folder, name));
        }
    }

    public SpillFile Make(int worker, int stage)
    {
        var file = new SpillFile(this, FormattableString.Invariant($"{stage}-{worker}"));
        lock (_open)
        {
            _open.Add(file);
        }

        return file;
    }

    /// <summary>The error of a key whose state is larger than a key's may be.</summary>
    public KappaException TooLarge(string stage, string key, long bytes) => new(
        ErrorKind.Invalid,
        FormattableString.Invariant(
            $"The state of key '{key}' in {stage} of {Owner} has {bytes} bytes; a key may have at most {KeyMax}."),
        "Let the operator keep less for a key (a shorter window, reach or 'within', a key that divides further), or "
        + "start the server with a larger --state-key-limit, and reprocess the job.");

    /// <summary>The run is over: its scratch files go.</summary>
    public void Close()
    {
        foreach (var file in _open)
        {
            file.Dispose();
        }

        _open.Clear();
    }
}
