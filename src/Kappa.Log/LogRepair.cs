using System.Globalization;
using System.Text.Json;

namespace Kappa.Log;

/// <summary>One file that a repair shortens or takes out of the log. A copy of the whole file is kept.</summary>
/// <param name="File">The file's path.</param>
/// <param name="Topic">The topic.</param>
/// <param name="Partition">The partition.</param>
/// <param name="FromOffset">Records from this offset on are no longer in the log.</param>
/// <param name="KeptBytes">How many bytes of the file stay; 0: it is taken out.</param>
/// <param name="RemovedBytes">How many go.</param>
/// <param name="Why">What was found.</param>
public sealed record RepairStep(
    string File, string Topic, int Partition, long FromOffset, long KeptBytes, long RemovedBytes, string Why);

/// <summary>What a repair would do.</summary>
/// <param name="Steps">File by file, in order; empty when only the note of ends is to be written again.</param>
/// <param name="Seen">What verification found.</param>
public sealed record RepairPlan(IReadOnlyList<RepairStep> Steps, Verification Seen);

/// <summary>
/// Makes a damaged log usable again by giving up what cannot be read: each damaged partition ends before its first
/// damage. Never done by the log itself (rule L7); what is given up is said before, copied and written down.
/// </summary>
public static class LogRepair
{
    /// <summary>The folder in the log's own where copies and the account of every repair are kept.</summary>
    public const string FolderName = "repaired";

    /// <summary>Says what a repair would do; changes nothing.</summary>
    /// <param name="folder">The folder of a closed log.</param>
    /// <param name="files">The disk.</param>
    /// <param name="cancel">Ends the walk.</param>
    /// <exception cref="KappaException">
    /// Another process holds the folder, or the manifest itself is damaged: only a backup helps then.
    /// </exception>
    public static async ValueTask<RepairPlan> PlanAsync(
        string folder, IFileSystem files, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(files);
        folder = Path.GetFullPath(folder);
        using var held = files.Lock(folder);
        return await Task.Run(() => Plan(folder, files, new Verifier(folder, files, cancel)), cancel);
    }

    /// <summary>Does what a plan says, if that is still what is to be done; returns where the copies are.</summary>
    /// <param name="folder">The folder of a closed log.</param>
    /// <param name="files">The disk.</param>
    /// <param name="plan">What was agreed to.</param>
    /// <param name="time">The clock for the account.</param>
    /// <param name="cancel">Ends the walk; once something is changed it is finished.</param>
    /// <exception cref="KappaException">The damage is not what was planned for, or the disk refused.</exception>
    public static async ValueTask<string> RunAsync(
        string folder, IFileSystem files, RepairPlan plan, TimeProvider time, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(files);
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(time);
        folder = Path.GetFullPath(folder);
        using var held = files.Lock(folder);
        var verifier = new Verifier(folder, files, cancel);
        var now = await Task.Run(() => Plan(folder, files, verifier), cancel);
        if (!now.Steps.SequenceEqual(plan.Steps))
        {
            throw new KappaException(
                ErrorKind.Conflict, "The damage is no longer what was planned for. Nothing was changed.",
                "Look at the plan again with 'kappa repair'.");
        }

        var kept = CopyAll(folder, files, now);
        Account(files, kept, now, time);
        Cut(folder, files, now, verifier.LastStamp);
        return kept;
    }

    private static RepairPlan Plan(string folder, IFileSystem files, Verifier verifier)
    {
        var seen = verifier.Run();
        var manifest = Manifest.Read(files, folder)!;
        var steps = new List<RepairStep>();
        foreach (var found in seen.Findings.Where(found => found.Topic is not null))
        {
            var id = manifest.Topics.First(topic => topic.Name == found.Topic).Id;
            var home = Manifest.PartitionFolder(folder, id, found.Partition);
            foreach (var name in files.List(home)
                .Where(name => name.EndsWith(".segment", StringComparison.Ordinal))
                .Where(name => string.CompareOrdinal(name, Path.GetFileName(found.File)) >= 0))
            {
                var path = Path.Combine(home, name);
                using var file = files.Open(path, FileIntent.Read);
                var keeps = path == found.File && found.Position >= SegmentHeader.Size ? found.Position : 0;
                if (keeps < file.Length || keeps == 0)
                {
                    steps.Add(new RepairStep(
                        path, found.Topic!, found.Partition, found.Offset, keeps, file.Length - keeps,
                        path == found.File ? found.What : "it comes behind the damage"));
                }
            }
        }

        return new RepairPlan(steps, seen);
    }

    private static string CopyAll(string folder, IFileSystem files, RepairPlan plan)
    {
        var all = Path.Combine(folder, FolderName);
        files.CreateFolder(all);
        files.SyncFolder(folder);
        var kept = Path.Combine(all, (files.List(all).Count + 1).ToString("D4", CultureInfo.InvariantCulture));
        files.CreateFolder(kept);
        files.SyncFolder(all);
        foreach (var step in plan.Steps)
        {
            // The name in the copy says the partition's folder: topic, partition, segment.
            var to = Path.Combine(
                kept, Path.GetRelativePath(Path.Combine(folder, "topics"), step.File).Replace('/', '-')
                    .Replace('\\', '-'));
            using var from = files.Open(step.File, FileIntent.Read);
            using var copy = files.Open(to, FileIntent.Create);
            var piece = new byte[1 << 20];
            for (long at = 0; at < from.Length; at += piece.Length)
            {
                copy.Write(piece.AsSpan(0, from.Read(piece, at)), at);
            }

            copy.Sync();
        }

        files.SyncFolder(kept);
        return kept;
    }

    private static void Account(IFileSystem files, string kept, RepairPlan plan, TimeProvider time) =>
        AtomicFile.Write(files, Path.Combine(kept, RepairAccount.FileName), JsonSerializer.SerializeToUtf8Bytes(
            new RepairAccount(time.GetUtcNow(), Environment.UserName, plan.Seen.Findings, plan.Steps),
            RepairAccount.Json));

    private static long LastStampIn(string path, IFileSystem files)
    {
        using var file = files.Open(path, FileIntent.Read);
        var bytes = new byte[SegmentHeader.Size];
        return SegmentHeader.TryRead(bytes.AsSpan(0, file.Read(bytes, 0)), out var header) is null
            ? TailEvidence.LastStamp(file, new Segment(path, header, file.Length))
            : 0;
    }

    // Later segments go first: whatever interrupts this leaves a log that the same repair finishes.
    private static void Cut(string folder, IFileSystem files, RepairPlan plan, long lastStamp)
    {
        foreach (var step in plan.Steps.Reverse())
        {
            lastStamp = Math.Max(lastStamp, LastStampIn(step.File, files));
            if (step.KeptBytes == 0)
            {
                files.Delete(step.File);
            }
            else
            {
                using var file = files.Open(step.File, FileIntent.Write);
                file.Truncate(step.KeptBytes);
                file.Sync();
            }

            files.SyncFolder(Path.GetDirectoryName(step.File)!);
        }

        var manifest = Manifest.Read(files, folder)!;
        var noted = DurableEnds.Read(files, folder, manifest.Id);
        var ends = new Dictionary<(int, int), DurableEnds.End>(
            noted.All.Select(pair => KeyValuePair.Create((pair.Key.Topic, pair.Key.Partition), pair.Value)));
        foreach (var found in plan.Seen.Findings.Where(found => found.Topic is not null))
        {
            var id = manifest.Topics.First(topic => topic.Name == found.Topic).Id;
            var left = LastSegment(folder, files, manifest, id, found.Partition);
            ends.Remove((id, found.Partition));
            if (left > 0)
            {
                ends.Add((id, found.Partition), new DurableEnds.End(left, found.Offset, IsStopped: false));
            }
        }

        // No stamp is ever given twice, also not those of records that are given up (rule L7).
        DurableEnds.Write(
            files, folder, manifest.Id, Math.Max(lastStamp, noted.LastStamp),
            [.. ends.Select(end => (end.Key.Item1, end.Key.Item2, end.Value))]);
    }

    /// <summary>
    /// The number of the last segment that is left; 0 for none. A partition whose start has moved (rule L9) must have
    /// one: where all of them went it gets an empty one, which begins where the manifest says.
    /// </summary>
    private static int LastSegment(string folder, IFileSystem files, Manifest manifest, int topicId, int partition)
    {
        var home = Manifest.PartitionFolder(folder, topicId, partition);
        var start = manifest.StartOf(topicId, partition);
        var last = files.List(home).Select(Segment.NumberOf).DefaultIfEmpty().Max();
        if (last >= start.Segment || start.Segment == 1)
        {
            return last;
        }

        var header = new byte[SegmentHeader.Size];
        new SegmentHeader(
            manifest.Id.Value, topicId, partition, start.Segment, start.Offset, Guid.NewGuid(), 0, start.Stamp)
            .Write(header);
        files.CreateFolder(home);
        AtomicFile.Write(files, Path.Combine(home, Segment.NameOf(start.Segment)), header);
        return start.Segment;
    }
}
