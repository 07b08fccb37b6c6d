using System.Text;
using System.Text.Json;
using Kappa.Log;
using Kappa.Streams.Runtime;
using Kappa.Tables;
using Kappa.Tables.Sqlite;
using Xunit;

namespace Kappa.Streams.Tests.Seams;

/// <summary>
/// The golden jobs over two logs and two stores: whatever log hands out a sequence, and whatever store takes the rows,
/// the final tables are those of a machine in memory over that sequence (promises P1 and P2, rules L4, C2, C4).
/// </summary>
public sealed class SeamTests
{
    private const int Rounds = 4;
    private const int RecordsOfRound = 300;

    public static TheoryData<string, bool, bool> Combinations
    {
        get
        {
            var all = new TheoryData<string, bool, bool>();
            foreach (var job in GoldenJobs.OfReadings)
            {
                all.Add(job.Name, false, false);
                all.Add(job.Name, true, false);
                all.Add(job.Name, false, true);
                all.Add(job.Name, true, true);
            }

            return all;
        }
    }

    [Theory]
    [MemberData(nameof(Combinations))]
    public async Task A_golden_job_ends_in_the_same_tables_on_every_log_and_store_P2_C4(
        string name, bool isKafkaLike, bool isWeak)
    {
        var job = GoldenJobs.All.Single(job => job.Name == name);
        using var folder = new TemporaryFolder();
        var kafka = isKafkaLike ? new KafkaLikeLog() : null;
        var weak = isWeak ? new WeakStore(5) : null;
        var readings = Sequence.Random(31, Rounds * RecordsOfRound, 2, complete: false).Readings
            .Select(pair => pair.Reading).ToList();
        for (var round = 0; round < Rounds; round++)
        {
            await using ITableStore store = weak is null
                ? new SqliteStore(Path.Combine(folder.Path, "tables"), DiskFileSystem.ForThisPlatform())
                : weak;
            await using ILog log = kafka is null ? await EmbeddedAsync(folder) : kafka;
            if (round == 0)
            {
                await log.ChangeAsync(new CreateTopic("readings", 2), CancellationToken.None);
            }

            await RunAsync(job, log, store, folder, round, readings.GetRange(round * RecordsOfRound, RecordsOfRound));
        }

        await using var finalLog = kafka is null ? (ILog)await EmbeddedAsync(folder) : kafka;
        await using var finalStore = weak is null
            ? (ITableStore)new SqliteStore(Path.Combine(folder.Path, "tables"), DiskFileSystem.ForThisPlatform())
            : weak;
        weak?.Settle();
        var expected = InMemory(job, finalLog);
        Assert.NotEmpty(expected);
        Assert.Equal(expected, await StoredAsync(finalStore, new JobVersion(name, 1)));
        if (weak is not null && name == "chain")
        {
            // This job has the most rows: here the store must have shown all it can do.
            Assert.True(weak.Torn > 0 && weak.Belated > 0, $"{weak.Torn} torn, {weak.Belated} belated");
        }
    }

    private static async Task RunAsync(
        Job job, ILog log, ITableStore store, TemporaryFolder folder, int round, List<Reading> readings)
    {
        if (round == 2)
        {
            Directory.Delete(Path.Combine(folder.Path, "state"), recursive: true);
        }

        await using var house = await SeamHouse.OpenAsync(
            job, log, store, Path.Combine(folder.Path, "state"), workers: 1 + round, stepRecords: 40 + (30 * round));
        if (round == 0)
        {
            await house.MakeAsync();
        }

        if (log is KafkaLikeLog kafka)
        {
            Produce(kafka, round, readings);
        }
        else
        {
            foreach (var chunk in readings.Chunk(23))
            {
                await log.AppendAsync(
                    new AppendRequest("readings", [.. chunk.Select(RecordOf)]), CancellationToken.None);
            }
        }

        if (round == Rounds - 1)
        {
            await log.ChangeAsync(new CompleteTopic("readings"), CancellationToken.None);
        }

        await house.CaughtUpAsync();
        Assert.DoesNotContain(house.Reports, report => report.Contains("Computed again", StringComparison.Ordinal));
    }

    /// <summary>
    /// The first round's history lies there before the first cut and is cut by record time; later ones are cut as they
    /// come. Timestamps go backwards, offsets have gaps, and the third round finds a third partition.
    /// </summary>
    private static void Produce(KafkaLikeLog log, int round, List<Reading> readings)
    {
        var random = new Random(round);
        if (round == 2)
        {
            log.AddPartition("readings");
        }

        var partitions = log.Topics.Single(topic => topic.Name == "readings").Partitions;
        foreach (var reading in readings)
        {
            log.Produce(
                "readings", random.Next(partitions), reading.At.UtcTicks, RecordOf(reading),
                gapBefore: random.Next(12) == 0 ? random.Next(1, 4) : 0);
            if (round > 0 && random.Next(20) == 0)
            {
                log.CutNow();
            }
        }

        if (round == 0)
        {
            log.CutHistory(TimeSpan.FromSeconds(3));
        }

        log.CutNow();
    }

    private static NewRecord RecordOf(Reading reading) => new(
        Encoding.UTF8.GetBytes(reading.Device),
        JsonSerializer.SerializeToUtf8Bytes(reading, JsonSerializerOptions.Web));

    private static async Task<EmbeddedLog> EmbeddedAsync(TemporaryFolder folder) => await EmbeddedLog.OpenAsync(
        new LogOptions { Folder = Path.Combine(folder.Path, "log") }, CancellationToken.None);

    /// <summary>What a machine in memory makes of the log's sequence.</summary>
    private static string InMemory(Job job, ILog log)
    {
        var topology = job.Build();
        var machine = new JobMachine(topology, 1);
        var tables = new Tables(topology.Tables);
        var sequence = log.Read(topology.Topics, Place.Start);
        while (sequence.TryRead(out var batch))
        {
            machine.Step([batch]);
            tables.Take(machine);
        }

        return tables.Digest();
    }

    private static async Task<string> StoredAsync(ITableStore store, JobVersion version)
    {
        await using var snapshot = await store.ReadAsync(version, CancellationToken.None);
        var lines = new List<string>();
        foreach (var table in snapshot.Tables)
        {
            await foreach (var row in snapshot.RowsAsync(table.Name, KeyRange.All, CancellationToken.None))
            {
                lines.Add($"{table.Name} {Convert.ToHexString(row.Key.Span)} {Convert.ToHexString(row.Row.Span)}");
            }
        }

        return string.Join('\n', lines);
    }
}
