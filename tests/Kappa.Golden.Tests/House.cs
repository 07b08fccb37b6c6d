using System.Text;
using Kappa.Log;
using Kappa.Streams;
using Kappa.Streams.Runtime;
using Kappa.Tables;
using Kappa.Tables.Loop;

namespace Kappa.Golden.Tests;

/// <summary>
/// A log with its journal in one folder, and the code of the versions in it. What runs is a <see cref="Run"/>.
/// </summary>
internal sealed class House : IAsyncDisposable, IJobSource
{
    private readonly Func<JobVersion, Job> _code;

    private House(string folder, Func<JobVersion, Job> code)
    {
        Folder = folder;
        _code = code;
    }

    public string Folder { get; }

    public EmbeddedLog Log { get; private set; } = null!;

    public Journal Journal { get; private set; } = null!;

    public static async Task<House> OpenAsync(string folder, Func<JobVersion, Job> code, TimeProvider? time = null)
    {
        var house = new House(folder, code);
        house.Log = await EmbeddedLog.OpenAsync(
            new LogOptions
            {
                Folder = Path.Combine(folder, "log"),
                Time = time ?? TimeProvider.System,
                ClockInterval = TimeSpan.FromHours(1),
            },
            CancellationToken.None);
        house.Journal = await Journal.OpenAsync(house.Log, CancellationToken.None);
        return house;
    }

    public ValueTask<Topology> LoadAsync(CatalogVersion version, CancellationToken cancel) =>
        new(_code(version.Version).Build());

    public void Release(JobVersion version)
    {
    }

    public Task TopicAsync(string topic, int partitions) =>
        Log.ChangeAsync(new CreateTopic(topic, partitions), CancellationToken.None).AsTask();

    public Task CompleteAsync(string topic) =>
        Log.ChangeAsync(new CompleteTopic(topic), CancellationToken.None).AsTask();

    public ValueTask<Appended> AppendAsync(string topic, params (string Key, string Value)[] records) =>
        Log.AppendAsync(
        new AppendRequest(topic, [.. records.Select(record => new NewRecord(
            Encoding.UTF8.GetBytes(record.Key), Encoding.UTF8.GetBytes(record.Value)))]),
        CancellationToken.None);

    /// <summary>A record with a key and no value.</summary>
    public ValueTask<Appended> RemoveAsync(string topic, string key) => Log.AppendAsync(
        new AppendRequest(topic, [new NewRecord(Encoding.UTF8.GetBytes(key), null)]), CancellationToken.None);

    /// <summary>Runs everything the journal says shall run, into tables and state files of that name.</summary>
    public Task<Run> RunAsync(string name, int workers = 1, int stepRecords = 16_384, TimeSpan? stateEvery = null) =>
        Run.StartAsync(this, name, workers, stepRecords, stateEvery ?? TimeSpan.FromMinutes(1));

    public async ValueTask DisposeAsync()
    {
        Journal.Dispose();
        await Log.DisposeAsync();
    }
}
