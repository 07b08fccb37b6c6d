using System.Diagnostics;

namespace Kappa.Crash;

/// <summary>
/// Damages to the files of a closed log, one at a time. Reading must give the very records that were there, or an error
/// that names the file; then <c>verify</c> must name it, too, with partition and offset where it has one.
/// </summary>
internal sealed class Corruptions(int count, int seed, Plant plant, Action<string> say)
{
    private const int PerFolder = 500;
    private const int ToldMax = 20;

    private readonly Lock _lock = new();
    private int _begun;

    /// <summary>How many folders are damaged at once. Each is decided by its seed all the same.</summary>
    public int Threads { get; init; } = 1;

    public int Count { get; private set; }

    public int Silent { get; private set; }

    /// <summary>Damages after which all records were read as they were.</summary>
    public int Harmless { get; private set; }

    public string? First { get; private set; }

    public string LastLine => FormattableString.Invariant($"corruptions {Count} silent {Silent}");

    private bool IsOver => Count >= count || (plant != Plant.None && Silent > 0);

    public async Task RunAsync()
    {
        var watch = Stopwatch.StartNew();
        var told = 10L;
        await Task.WhenAll(Enumerable.Range(0, Threads).Select(_ => Task.Run(async () =>
        {
            while (!IsOver)
            {
                await FolderAsync(seed + Interlocked.Increment(ref _begun) - 1);
                lock (_lock)
                {
                    if (watch.Elapsed.TotalSeconds > told)
                    {
                        told = (long)watch.Elapsed.TotalSeconds + 10;
                        say(FormattableString.Invariant($"{Count} corruptions, ")
                            + FormattableString.Invariant($"{Count / watch.Elapsed.TotalSeconds:0} a second, ")
                            + FormattableString.Invariant($"{GC.GetTotalMemory(false) >> 20} MiB, ")
                            + FormattableString.Invariant($"{Harmless} harmless"));
                    }
                }
            }
        })));
    }

    private async Task FolderAsync(int life)
    {
        using var workload = new Workload(life, Plant.None);
        var disk = (await workload.RunAsync()).CrashKeepingAll();
        var older = workload.Images[workload.Images.Count / 2].Disk.CrashKeepingAll().Files();
        var time = new ManualTime();
        time.SetWall(workload.Images[^1].Wall);
        var (whole, topics, wrong) = await ReadAsync(disk.Copy(), time, Plant.None);
        if (wrong.Count > 0 || whole is null)
        {
            Tell(life, "the folder is damaged before anything was done: " + wrong[0].Message);
            return;
        }

        var injury = new Injury(disk.Files(), older, new Random(life));
        for (var i = 0; i < PerFolder && TryBegin(); i++)
        {
            var (what, changes) = injury.Next();
            var damaged = disk.Copy();
            foreach (var (path, bytes) in changes)
            {
                damaged.Put(path, bytes);
            }

            if (await TryAsync(damaged, time, whole, topics, changes.Keys) is { } silent)
            {
                Tell(life, $"{what}: {silent}");
            }
        }
    }

    private async Task<string?> TryAsync(
        FaultyFileSystem damaged, ManualTime time, Contents whole, string topics, ICollection<string> paths)
    {
        var unopened = damaged.Copy();
        var (found, foundTopics, errors) = await ReadAsync(damaged, time, plant);
        if (found is not null && (found.Wrong is not null || !whole.BeginsWith(found.Without("_kappa.clock"))))
        {
            return "other records than were there are returned as data; " + found.Wrong;
        }

        if (errors.Count == 0)
        {
            if (topics == foundTopics && found!.BeginsWith(whole.Without("_kappa.clock")))
            {
                lock (_lock)
                {
                    Harmless++;
                }

                return null;
            }

            return "records are missing, and nothing is said";
        }

        if (errors.FirstOrDefault(error => !paths.Any(path => Names(error.Message, path))) is { } unnamed)
        {
            return $"the error does not name the file: {unnamed.Message}";
        }

        // What was refused once is refused again: opening has not made the damage look like the truth.
        var (again, _, still) = await ReadAsync(damaged, time, plant);
        if (still.Count == 0 || (again is not null && !whole.BeginsWith(again.Without("_kappa.clock"))))
        {
            return $"the second opening forgets it: {errors[0].Message}";
        }

        return await VerifyAsync(unopened, paths);
    }

    private async Task<string?> VerifyAsync(FaultyFileSystem damaged, ICollection<string> paths)
    {
        try
        {
            var seen = await EmbeddedLog.VerifyAsync(Workload.Folder, plant.Files(damaged));
            return seen.Findings.Any(finding => paths.Any(path => Names(finding.File, path))
                && (finding.Topic is null || (finding.Partition >= 0 && finding.Offset >= 0)))
                ? null
                : "verify does not name it: " + string.Join("; ", seen.Findings);
        }
        catch (KappaException refused)
        {
            return paths.Any(path => Names(refused.Message, path)) ? null : $"verify: {refused.Message}";
        }
    }

    // Two files that were exchanged are one damage, and a missing one is named by its neighbour's folder.
    private static bool Names(string message, string path) =>
        message.Contains(path, StringComparison.Ordinal)
        || (path.EndsWith(".segment", StringComparison.Ordinal)
            ? message.Contains(Path.GetDirectoryName(path)!, StringComparison.Ordinal)
            : message.Contains(Path.GetFileName(path), StringComparison.Ordinal));

    private static async Task<(Contents? Found, string Topics, List<KappaException> Errors)> ReadAsync(
        FaultyFileSystem disk, ManualTime time, Plant plant)
    {
        var errors = new List<KappaException>();
        try
        {
            plant.BeforeOpening(disk);
            var options = Workload.OptionsFor(disk, time, plant);
            await using var log = await EmbeddedLog.OpenAsync(options, CancellationToken.None);
            plant.AfterOpening(options.Files);
            var found = await Contents.ReadAsync(log, errors.Add);
            var topics = string.Join(' ', log.Topics.Select(topic => (topic.Name, topic.Partitions, topic.IsComplete)));
            return (found, topics, errors);
        }
        catch (KappaException damage)
        {
            errors.Add(damage);
            return (null, "", errors);
        }
    }

    private bool TryBegin()
    {
        lock (_lock)
        {
            if (IsOver)
            {
                return false;
            }

            Count++;
            return true;
        }
    }

    private void Tell(int life, string what)
    {
        lock (_lock)
        {
            var sentence = FormattableString.Invariant($"seed {life}: {what}");
            First ??= sentence;
            if (Silent++ < ToldMax)
            {
                say(sentence);
            }
        }
    }
}
