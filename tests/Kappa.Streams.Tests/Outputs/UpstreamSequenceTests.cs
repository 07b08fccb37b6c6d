using System.Text;
using Kappa.Log;
using Kappa.Streams.Runtime;
using Kappa.Tables;
using Xunit;

namespace Kappa.Streams.Tests.Outputs;

/// <summary>
/// Rule E2: a derived record has the place of its cause, and nothing comes before its upstream has committed.
/// </summary>
public sealed class UpstreamSequenceTests
{
    private static readonly JobVersion Version = new("detect", 1);

    [Fact]
    public async Task Records_come_by_place_whatever_is_committed_when_E2()
    {
        for (var seed = 1; seed <= 12; seed++)
        {
            using var folder = new TemporaryFolder();
            await using var log = await EmbeddedLog.OpenAsync(
                new LogOptions { Folder = folder.Path }, CancellationToken.None);
            var random = new Random(seed);
            var expected = await FillAsync(log, random);
            foreach (var after in new[] { Place.Start }.Concat(expected.Select(one => one.Place).Distinct()
                .Where(_ => random.Next(6) == 0)))
            {
                await CheckAsync(log, expected, after, random, seed);
            }
        }
    }

    /// <summary>Appends readings and what two jobs say of them; returns everything in order of place.</summary>
    private static async Task<List<(Place Place, string Text)>> FillAsync(EmbeddedLog log, Random random)
    {
        var all = new List<(Place Place, int Rank, string Text)>();
        await log.ChangeAsync(new CreateTopic("readings", 2), CancellationToken.None);
        string[] said = ["alerts", "other"];
        foreach (var topic in said)
        {
            await log.ChangeAsync(new CreateTopic(topic + "@1"), CancellationToken.None);
        }

        for (var request = 0; request < 25; request++)
        {
            var count = random.Next(1, 9);
            var text = Enumerable.Range(0, count).Select(i => $"r{request}.{i}").ToList();
            var appended = await log.AppendAsync(
                new AppendRequest("readings", [.. text.Select(one => new NewRecord(null, Encoding.UTF8.GetBytes(
                    one)))]),
                CancellationToken.None);
            var places = text.Select((_, i) => new Place(appended.Batches[0].LogTime, i + 1)).ToList();
            all.AddRange(text.Select((one, i) => (places[i], 0, one)));
            for (var topic = 0; topic < said.Length; topic++)
            {
                var records = new List<NewRecord>();
                foreach (var place in places.Where(_ => random.Next(3) == 0))
                {
                    for (var index = 0; index < random.Next(1, 4); index++)
                    {
                        var id = new OutputId(place, index);
                        records.Add(new NewRecord(
                            null, Encoding.UTF8.GetBytes($"{said[topic]} {id}"),
                            [new(OutputId.Header, id.ToHeader("detect/alerts/"u8))]));
                        all.Add((place, topic + 1, $"{said[topic]} {id}"));
                    }
                }

                if (records.Count > 0)
                {
                    await log.AppendAsync(new AppendRequest(said[topic] + "@1", records), CancellationToken.None);
                }
            }
        }

        return [.. all.OrderBy(one => one.Place).ThenBy(one => one.Rank).Select(one => (one.Place, one.Text))];
    }

    private static async Task CheckAsync(
        EmbeddedLog log, List<(Place Place, string Text)> expected, Place after, Random random, int seed)
    {
        var (alerts, other) = (new Frontier(), new Frontier());
        DerivedReader Read(string topic) => new(log, topic, new(after, int.MaxValue));
        await using var sequence = new UpstreamSequence(
            log.Read(["readings"], after),
            [
                new Upstream("alerts", Version, Read("alerts@1"), alerts, ["readings"]),
                new Upstream("other", Version, Read("other@1"), other, ["readings"]),
            ],
            after,
            []);
        var steps = new StepReader(sequence, Version, random.Next(1, 12));
        var got = new List<(Place Place, string Text)>();
        var place = after;
        var places = expected.Select(one => one.Place).Distinct().ToList();
        foreach (var frontier in places.Where(_ => random.Next(5) == 0).Append(Place.EndOf(log.CompleteTo)))
        {
            // One of the two is always behind: the slower one holds everything.
            (random.Next(2) == 0 ? alerts : other).RaiseTo(Place.EndOf(frontier.LogTime));
            alerts.RaiseTo(frontier);
            other.RaiseTo(frontier);
            var limit = alerts.Place < other.Place ? alerts.Place : other.Place;
            while (steps.TryRead(place, null))
            {
                Assert.True(steps.Place <= limit, $"seed {seed}: {steps.Place} is beyond {limit}");
                Assert.True(steps.Place > place, $"seed {seed}: a step ended inside the place {place}");
                place = steps.Place;
                got.AddRange(Texts(steps.Batches));
            }

            Assert.True(sequence.CompleteTo <= limit);
        }

        Assert.Equal(expected.Where(one => one.Place > after), got);
    }

    private static IEnumerable<(Place Place, string Text)> Texts(IEnumerable<RecordBatch> batches)
    {
        var texts = new List<(Place Place, string Text)>();
        foreach (var batch in batches.Where(batch => !Names.IsPlatforms(batch.Topic)))
        {
            foreach (var record in batch)
            {
                texts.Add((record.Place, Encoding.UTF8.GetString(record.Value)));
            }
        }

        return texts;
    }
}
