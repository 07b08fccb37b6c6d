using System.Text;
using System.Text.Json;
using Kappa.Log;
using Xunit;

namespace Kappa.Streams.Tests.Projections;

/// <summary>
/// A log of readings in many small segments, some of them late, some no readings at all; read raw and out of twins.
/// </summary>
public sealed class ProjectedLog : IAsyncLifetime, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    internal EmbeddedLog Log { get; private set; } = null!;

    internal string Folder => Path.Combine(_folder.Path, "projections");

    public async Task InitializeAsync()
    {
        Log = await EmbeddedLog.OpenAsync(
            new LogOptions
            {
                Folder = Path.Combine(_folder.Path, "log"),
                ProjectionFolder = Folder,
                SegmentBytesMax = 64 << 10,
            },
            CancellationToken.None);
        await Log.ChangeAsync(new CreateTopic("readings", 2), CancellationToken.None);
        var readings = Sequence.Random(5, 1500, 2, complete: false).Readings.Select(pair => pair.Reading).ToList();
        var at = 0;
        foreach (var chunk in readings.Chunk(23))
        {
            await Log.AppendAsync(
                new AppendRequest("readings", [.. chunk.Select(reading => RecordOf(reading, at++))]),
                CancellationToken.None);
        }

        await Log.ChangeAsync(new CompleteTopic("readings"), CancellationToken.None);
    }

    public async Task DisposeAsync() => await Log.DisposeAsync();

    public void Dispose() => _folder.Dispose();

    /// <summary>The batches as they are given to a job; nothing is given back.</summary>
    internal async Task<Sequence> ReadAsync(Job job, bool isTyped)
    {
        var topology = job.Build();
        await using var sequence = Log.Read(
            topology.Topics, Place.Start, isTyped ? topology.Project().All : []);
        var batches = new List<RecordBatch>();
        while (sequence.TryRead(out var batch))
        {
            batches.Add(batch);
        }

        return Sequence.Of(batches);
    }

    /// <summary>A reading as JSON in a few forms; now and then none.</summary>
    private static NewRecord RecordOf(Reading reading, int number)
    {
        var key = Encoding.UTF8.GetBytes(reading.Device);
        return (number % 401) switch
        {
            7 => NewRecord.Of(key, null),
            19 => NewRecord.Of(null, Encoding.UTF8.GetBytes("no JSON " + number)),
            31 => NewRecord.Of(key, "{\"device\":\"d1\"}"u8.ToArray()),
            43 => NewRecord.Of(key, JsonSerializer.SerializeToUtf8Bytes(reading), [new("h", new byte[] { 1, 2 })]),
            _ => NewRecord.Of(key, JsonSerializer.SerializeToUtf8Bytes(reading, JsonSerializerOptions.Web)),
        };
    }
}
