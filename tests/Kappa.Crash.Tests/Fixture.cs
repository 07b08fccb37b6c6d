using System.Globalization;
using System.Security.Cryptography;

namespace Kappa.Crash;

/// <summary>A data folder as this version writes it, frozen for all later ones, and its twin with one damage.</summary>
internal static class Fixture
{
    public const string Whole = "whole";
    public const string Damaged = "damaged";
    public const string Expected = "expected.txt";

    /// <summary>Writes both, and what is in them.</summary>
    public static async Task FreezeAsync(string folder)
    {
        var log = Path.Combine(folder, Whole, "log");
        var time = new ManualTime();
        Directory.CreateDirectory(Path.Combine(folder, Whole));
        await File.WriteAllTextAsync(
            Path.Combine(folder, Whole, "kappa.json"), "{\"format\":2,\"madeBy\":\"Kappa 0.1.0\"}");
        var options = new LogOptions { Folder = log, Time = time, SegmentBytesMax = 64 << 10 };
        var ledger = new Ledger();
        await using (var open = await EmbeddedLog.OpenAsync(options, CancellationToken.None))
        {
            await open.ChangeAsync(new CreateTopic("orders", 2), CancellationToken.None);
            await open.ChangeAsync(new CreateTopic("ended"), CancellationToken.None);
            for (var i = 0; i < 20; i++)
            {
                time.Advance(TimeSpan.FromSeconds(7));
                var sent = i % 4 == 3
                    ? ledger.Send("orders", ["a", "b", null], 4_000, "shop", i / 4)
                    : ledger.Send(i % 5 == 0 ? "ended" : "orders", ["k" + i, null], 30);
                await open.AppendAsync(sent.Request, CancellationToken.None);
            }

            await open.ChangeAsync(new CompleteTopic("ended"), CancellationToken.None);
            await FillSettingsAsync(open, ledger, time);
        }

        File.Delete(Path.Combine(log, "lock"));
        await File.WriteAllTextAsync(Path.Combine(folder, Expected), await DescribeAsync(log, time));
        File.Delete(Path.Combine(log, "lock"));
        Copy(Path.Combine(folder, Whole), Path.Combine(folder, Damaged));
        var path = Path.Combine(folder, Damaged, "log", "topics", "000003", "0000", "00000001.segment");
        var bytes = await File.ReadAllBytesAsync(path);
        bytes[bytes.Length / 2] ^= 0x40;
        await File.WriteAllBytesAsync(path, bytes);
    }

    /// <summary>What came with format 2: compressed, removed and erased records.</summary>
    private static async Task FillSettingsAsync(EmbeddedLog open, Ledger ledger, ManualTime time)
    {
        await open.ChangeAsync(
            new CreateTopic("packed", 1, new TopicSettings { Compression = Compression.Brotli }),
            CancellationToken.None);
        await open.ChangeAsync(
            new CreateTopic(
                "short", 1, new TopicSettings { RetainFor = TimeSpan.FromMinutes(2), LoseHistory = true }),
            CancellationToken.None);
        await open.ChangeAsync(new CreateTopic("erased"), CancellationToken.None);
        for (var i = 0; i < 6; i++)
        {
            await open.AppendAsync(ledger.Send("packed", ["a", "b"], 2_000).Request, CancellationToken.None);
            await open.AppendAsync(ledger.Send("erased", ["a", "b"], 20).Request, CancellationToken.None);
            await open.AppendAsync(
                ledger.Send("short", ["a", null], 20, "till", i + 1).Request, CancellationToken.None);
            await open.SealAsync("short", CancellationToken.None);
            time.Advance(TimeSpan.FromSeconds(50));
        }

        await open.SealAsync("erased", CancellationToken.None);
        await open.EraseAsync("erased", (in record) => record.Key.SequenceEqual("a"u8), false, CancellationToken.None);
        await open.RetainAsync("short", Place.EndOf(open.CompleteTo), CancellationToken.None);
    }

    /// <summary>
    /// Every partition of users with its number of records and a digest of offsets, stamps, keys and values.
    /// </summary>
    public static async Task<string> DescribeAsync(string folder, TimeProvider time)
    {
        await using var log = await EmbeddedLog.OpenAsync(
            new LogOptions { Folder = folder, Time = time }, CancellationToken.None);
        var contents = await Contents.ReadAsync(log);
        var lines = new List<string>();
        foreach (var ((topic, partition), records) in contents.Partitions
            .Where(pair => !pair.Key.Topic.StartsWith('_'))
            .OrderBy(pair => pair.Key.Topic, StringComparer.Ordinal).ThenBy(pair => pair.Key.Partition))
        {
            using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            foreach (var record in records)
            {
                digest.AppendData(System.Text.Encoding.UTF8.GetBytes(string.Create(
                    CultureInfo.InvariantCulture, $"{record.Offset} {record.Stamp} {record.Key} ")));
                digest.AppendData(record.Value);
            }

            var hash = Convert.ToHexStringLower(digest.GetHashAndReset());
            lines.Add(string.Create(CultureInfo.InvariantCulture, $"{topic} {partition} {records.Count} {hash}\n"));
        }

        return string.Concat(lines);
    }

    public static void Copy(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var folder in Directory.GetDirectories(from, "*", SearchOption.AllDirectories))
        {
            Directory.CreateDirectory(Path.Combine(to, Path.GetRelativePath(from, folder)));
        }

        foreach (var file in Directory.GetFiles(from, "*", SearchOption.AllDirectories))
        {
            File.Copy(file, Path.Combine(to, Path.GetRelativePath(from, file)));
        }
    }
}
