using System.Diagnostics;
using System.Globalization;
using Kappa.Log;
using Kappa.Streams;
using Kappa.Tables;
using Kappa.Tables.Sqlite;

namespace Kappa.Benchmarks;

/// <summary>
/// A replay whose rows are only counted, the same one whose rows are committed to the table store, and a bare insert of
/// the same rows: prepared, in order of key, in one transaction, into a table of the same columns.
/// </summary>
internal static class TableWrites
{
    public static async Task RunAsync(string folder, long events)
    {
        await using var log = await Logs.MakeAsync(folder, EventKind.Ticks, events, 1, "");
        Console.WriteLine("job | rows | counted s | written s | bare insert s | (written − counted) ÷ bare");
        foreach (var (name, job) in new[] { ("1k", Jobs.Small), ("100k", Jobs.Medium), ("1m", Jobs.Large) })
        {
            var counted = new List<double>();
            var written = new List<double>();
            var bare = new List<double>();
            var rows = await RowsAsync(log, folder, job);
            for (var run = 0; run < 3; run++)
            {
                counted.Add((await new Replay(log, folder).RunAsync(job)).Seconds);
                written.Add(await WriteAsync(log, folder, job));
                bare.Add(Insert(folder, job.Build().Tables[0], rows));
            }

            var (count, total, insert) = (counted.Order().ElementAt(1), written.Order().ElementAt(1),
                bare.Order().ElementAt(1));
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{name} | {rows.Count} | {count:F2} | {total:F2} | {insert:F2} | {(total - count) / insert:F2}"));
        }
    }

    private static async Task<SortedDictionary<byte[], byte[]>> RowsAsync(ILog log, string folder, Job job)
    {
        var rows = new SortedDictionary<byte[], byte[]>(
            Comparer<byte[]>.Create((left, right) => left.AsSpan().SequenceCompareTo(right)));
        await new Replay(log, folder)
        {
            Sink = changes =>
            {
                for (var i = 0; i < changes.Count; i++)
                {
                    if (changes[i].Table == 0)
                    {
                        rows[changes[i].Key.ToArray()] = changes[i].Row!.Value.ToArray();
                    }
                }
            },
        }.RunAsync(job);
        return rows;
    }

    private static async Task<double> WriteAsync(ILog log, string folder, Job job)
    {
        var at = Path.Combine(folder, "tables");
        if (Directory.Exists(at))
        {
            Directory.Delete(at, recursive: true);
        }

        await using var store = new SqliteStore(at, DiskFileSystem.ForThisPlatform());
        await using var writer = await store.OpenAsync(Replay.Version, job.Build().Tables, 1, CancellationToken.None);
        var place = 0L;
        var watch = Stopwatch.StartNew();
        await new Replay(log, folder)
        {
            Sink = changes => writer.CommitAsync(changes, new Place(++place, 0), CancellationToken.None)
                .AsTask().GetAwaiter().GetResult(),
        }.RunAsync(job);
        return watch.Elapsed.TotalSeconds;
    }

    private static double Insert(string folder, TableSchema table, SortedDictionary<byte[], byte[]> rows)
    {
        var file = Path.Combine(folder, "bare.db");
        foreach (var old in Directory.GetFiles(folder, "bare.db*"))
        {
            File.Delete(old);
        }

        using var database = Database.OpenWriter(file, "bare");
        database.Execute(TableSql.Create(table));
        var values = rows.Select(row => RowReader.ReadAll(table, new TableRow(row.Key, row.Value))).ToList();
        var watch = Stopwatch.StartNew();
        database.Execute("BEGIN");
        using (var insert = database.Prepare(TableSql.Put(table)))
        {
            var at = 0;
            foreach (var key in rows.Keys)
            {
                var row = values[at++];
                for (var i = 0; i < row.Length; i++)
                {
                    RowColumns.Bind(insert, i + 1, row[i]);
                }

                insert.Blob(row.Length + 1, key);
                insert.Run();
            }
        }

        database.Execute("COMMIT");
        return watch.Elapsed.TotalSeconds;
    }
}
