using System.Text.Json;
using Kappa.Client;
using Kappa.Log;
using Kappa.Server;
using Kappa.Tables;

namespace Kappa.Torture;

/// <summary>
/// The end of a torture: the topic is completed and read back, and the tables are compared twice with a fresh run of
/// the same code by one worker: once by the server itself, once in this process from a copy of the log alone.
/// </summary>
internal sealed class Judgement(
    Supervisor server, Operator loop, IReadOnlyList<Producer> producers, string root, Findings findings)
{
    public async Task RunAsync()
    {
        // Both codes shall be there, so that both are compared.
        await loop.UntilAsync(await loop.DeployAsync(3 - loop.CodeOf(loop.Live)), "Ready");
        await loop.AskAsync(life => life.Client.CompleteTopicAsync(Producer.Topic, life.Dead));
        await JudgeRecordsAsync();
        var end = await EndAsync();
        var served = await ExportsAsync(end);
        await server.KillAsync();
        var copy = CopyLog();
        await server.StartAsync(workers: 1);
        await RunAgainAsync(served);
        await server.KillAsync();
        await RunInProcessAsync(copy, served, end);
        foreach (var alarm in server.Output.Where(line => line.Contains("Computed again", StringComparison.Ordinal)))
        {
            findings.Add(Fault.Differing, alarm);
        }
    }

    private async Task JudgeRecordsAsync()
    {
        var read = new List<ReadRecord>();
        var life = await server.LifeAsync();
        await foreach (var line in life.Client.ReadAsync(Producer.Topic))
        {
            using var json = JsonDocument.Parse(line);
            var record = json.RootElement;
            read.Add(new ReadRecord(
                record.GetProperty("partition").GetInt32(), record.GetProperty("offset").GetInt64(),
                record.TryGetProperty("key", out var key) ? key.GetString() : null,
                record.TryGetProperty("value", out var value) ? value.GetRawText() : ""));
        }

        var acknowledged = producers.ToDictionary(producer => producer.Name, producer => producer.Acknowledged);
        RecordCheck.Compare(
            [.. producers.SelectMany(producer => producer.Sent)],
            (producer, request) => request <= acknowledged[producer], read, findings);
    }

    /// <summary>The place of the completion or one behind it.</summary>
    private async Task<Place> EndAsync()
    {
        var life = await server.LifeAsync();
        var end = Place.Start;
        await foreach (var line in life.Client.ReadAsync("_kappa.clock"))
        {
            using var json = JsonDocument.Parse(line);
            end = Place.TryParse(json.RootElement.GetProperty("place").GetString(), out var place) ? place : end;
        }

        return end;
    }

    /// <summary>The checksums of all tables of both versions that run, at the end.</summary>
    private async Task<Dictionary<string, string>> ExportsAsync(Place end)
    {
        var checksums = new Dictionary<string, string>();
        var job = await loop.AskAsync(life => life.Client.JobAsync(Operator.Job, life.Dead));
        foreach (var version in job.Versions.Where(version => version.State is "Live" or "Ready"))
        {
            await loop.ReachAsync(version.Version, end);
            foreach (var table in version.Tables)
            {
                checksums[Of(table, version.Version)] = await loop.AskAsync(
                    life => life.Client.ExportAsync(Of(table, version.Version), Stream.Null, life.Dead));
            }
        }

        return checksums;
    }

    /// <summary>The server, started again with one worker, computes the live code anew beside the old tables.</summary>
    private async Task RunAgainAsync(Dictionary<string, string> served)
    {
        var job = await loop.AskAsync(life => life.Client.JobAsync(Operator.Job, life.Dead));
        await loop.AskAsync(life => life.Client.DropAsync(
            job.Versions.Single(version => version.State == "Ready").Version, life.Dead));
        var live = loop.Live;
        var answer = await loop.AskAsync(life => life.Client.ReprocessAsync(Operator.Job, life.Dead));
        var fresh = loop.Named(answer.Versions.Single(), loop.CodeOf(live));
        await loop.UntilAsync(fresh, "Ready");
        var diff = await loop.AskAsync(life => life.Client.DiffAsync(new DiffRequest(live, fresh), life.Dead));
        foreach (var table in diff.Tables.Where(table => table.Changed + table.OnlyLeft + table.OnlyRight > 0))
        {
            findings.Add(
                Fault.Differing,
                $"{table.Table}: {live} and {fresh} of the same code differ: {table.Changed} rows changed, "
                + $"{table.OnlyLeft} and {table.OnlyRight} are on one side alone.");
        }

        if (!diff.Same && findings.Count(Fault.Differing) == 0)
        {
            findings.Add(Fault.Differing, $"{live} and {fresh} of the same code differ.");
        }

        var tables = job.Versions.Single(version => version.Version == live).Tables;
        var again = new Dictionary<string, string>();
        foreach (var table in tables)
        {
            again[Of(table, live)] = await loop.AskAsync(
                life => life.Client.ExportAsync(Of(table, fresh), Stream.Null, life.Dead));
        }

        TableCheck.Compare(
            "a fresh run by the server", again.Keys.ToDictionary(table => table, table => served[table]), again,
            findings);
    }

    /// <summary>Copies the data folder as a kill left it, but without tables and state.</summary>
    private string CopyLog()
    {
        var copy = Path.Combine(root, "copy");
        foreach (var path in Directory.GetFiles(server.Folder, "*", SearchOption.AllDirectories))
        {
            var name = Path.GetRelativePath(server.Folder, path);
            if (name.Split(Path.DirectorySeparatorChar)[0] is not ("tables" or "state" or "server.json" or "lock"))
            {
                Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(copy, name))!);
                File.Copy(path, Path.Combine(copy, name));
            }
        }

        return copy;
    }

    /// <summary>Computes every version that ran from the copy of the log, by one worker, into fresh tables.</summary>
    private async Task RunInProcessAsync(string copy, Dictionary<string, string> served, Place end)
    {
        await using var platform = await Platform.OpenAsync(
            new PlatformOptions { Folder = copy, Workers = 1 }, CancellationToken.None);
        var fresh = new Dictionary<string, string>();
        foreach (var version in platform.Journal.Catalog.Versions.Where(version => version.Runs))
        {
            await platform.Versions.CommittedAsync(version.Version, end, CancellationToken.None);
            await using var snapshot = await platform.Store.ReadAsync(version.Version, CancellationToken.None);
            foreach (var table in version.Made.Tables)
            {
                fresh[Of(table.Name, version.Version.ToString())] =
                    await CanonicalExport.ChecksumAsync(snapshot, table.Name, CancellationToken.None);
            }
        }

        TableCheck.Compare("a fresh run in this process", served, fresh, findings);
    }

    private static string Of(string table, string version) => table + version[version.LastIndexOf('@')..];
}
