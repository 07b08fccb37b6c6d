using Kappa.Log;
using Kappa.Tables.Loop;
using Xunit;

namespace Kappa.Tables.Tests;

/// <summary>Rule V5 against a naive model that knows only a table of states and one pointer per job.</summary>
public sealed class CatalogModelTests
{
    private static readonly string[] Jobs = ["a", "b"];

    [Theory]
    [InlineData(1)]
    [InlineData(2026)]
    public void The_fold_takes_and_refuses_what_a_naive_model_does_when_records_are_random(int firstSeed)
    {
        var legal = 0;
        for (var seed = firstSeed; seed < firstSeed + 300; seed++)
        {
            var random = new Random(seed);
            var model = new Model();
            var catalog = Catalog.Empty;
            for (var i = 1; i <= 60; i++)
            {
                var place = new Place(i * 10, 1);
                var record = Next(random, model, place);
                var expected = model.Take(record, place);
                var before = Describe(catalog);
                Catalog? next = null;
                try
                {
                    next = catalog.Apply(record, place);
                }
                catch (KappaException)
                {
                }

                Assert.True(expected == next is not null, $"seed {seed} step {i}: {record} was {next is not null}");
                Assert.Equal(before, Describe(catalog)); // V7: a catalog never changes
                catalog = next ?? catalog;
                legal += expected ? 1 : 0;
                Assert.True(model.Describe() == Describe(catalog), $"seed {seed} step {i}: {record}");
            }
        }

        Assert.InRange(legal, 3_000, 15_000);
    }

    private static JournalRecord Next(Random random, Model model, Place place)
    {
        var job = Jobs[random.Next(2)];
        var version = Loops.V(random.Next(1, 5), job);
        var id = random.Next(4) > 0 ? model.Pending?.Id ?? "s" + place.LogTime : "other";
        switch (random.Next(11))
        {
            case 0 or 1:
                var made = Loops.Made(random.Next(3) > 0 ? model.Highest(job) + 1 : random.Next(1, 6), job);
                return made with
                {
                    // Each version of one job and every second of the other says one topic, every third another.
                    Outputs = [.. Topics(made.Version).Select(topic => new VersionOutput(topic))],
                    PublishHistory = random.Next(5) == 0,
                };
            case 2 or 3:
                return new VersionReady(version, place);
            case 4:
                return new VersionFailed(
                    version, new Place(Math.Max(1, place.LogTime - random.Next(1, 40)), 1), "broke");
            case 5 or 6:
                JobVersion[] to = random.Next(4) > 0 ? [version] : [version, Loops.V(random.Next(1, 5), "b")];
                JobVersion[] from =
                    [.. to.Select(t => model.Pointer.GetValueOrDefault(t.Job)).Where(_ => random.Next(8) > 0)
                    .OfType<JobVersion>()];
                return new Switching(id, to, from, DateTimeOffset.MaxValue, "switch")
                {
                    PublishHistory = random.Next(5) == 0,
                };
            case 7:
                return new Switched(id, model.HandOver() ?? place);
            case 8:
                return random.Next(3) == 0 ? new Abandoned(id, "late") : new Switched(id, model.HandOver() ?? place);
            case 9:
                return new VersionRetired(version, "soak ended");
            default:
                return random.Next(3) == 0 ? new Marked("m", [version], "diff") : new VersionDropped(version);
        }
    }

    private static IEnumerable<string> Topics(JobVersion version) => new[]
    {
        version.Job == "a" || version.Number % 2 == 0 ? version.Job + "-often" : "",
        version.Number % 3 == 0 ? version.Job + "-seldom" : "",
    }.Where(topic => topic.Length > 0);

    private static string Describe(Catalog catalog) => string.Join("; ", Jobs.Select(job =>
        $"{job} next {catalog.NextNumber(job)} live {catalog.Live(job)?.Version} "
        + $"before {catalog.PreviousLive(job)?.Version} "
        + $"ready {catalog.Ready(job)?.Version}: "
        + string.Join(",", catalog.Versions.Where(v => v.Version.Job == job).Select(v => v.State))))
        + " pending " + catalog.PendingSwitch?.Record.Id + " history "
        + string.Join(",", Jobs.SelectMany(job => new[] { "often", "seldom" }.Select(name =>
            catalog.SaysHistory($"{job}-{name}"))));

    private sealed class Model
    {
        private readonly SortedDictionary<(string Job, int Number), string> _states = [];
        private readonly Dictionary<(string Job, int Number), Place> _stopped = [];
        private readonly Dictionary<string, JobVersion> _before = [];
        private readonly Dictionary<JobVersion, bool> _wishes = [];
        private readonly Dictionary<string, bool> _heard = [];
        private Place _mark;

        public Dictionary<string, JobVersion> Pointer { get; } = [];

        public Switching? Pending { get; private set; }

        public int Highest(string job) =>
            _states.Keys.Where(k => k.Job == job).Select(k => k.Number).DefaultIfEmpty().Max();

        public Place? HandOver() => Pending is null ? null : Pending.From
            .Where(f => _stopped.ContainsKey((f.Job, f.Number))).Select(f => _stopped[(f.Job, f.Number)])
            .Append(_mark).OrderBy(p => p.LogTime).First();

        public string Describe() => string.Join("; ", Jobs.Select(job =>
            $"{job} next {Highest(job) + 1} live {Pointer.GetValueOrDefault(job)} "
            + $"before {_before.GetValueOrDefault(job)} "
            + $"ready {ReadyOf(job)}: "
            + string.Join(",", _states.Where(s => s.Key.Job == job).Select(s => s.Value))))
            + " pending " + Pending?.Id + " history "
            + string.Join(",", Jobs.SelectMany(job => new[] { "often", "seldom" }.Select(name =>
                _heard.TryGetValue($"{job}-{name}", out var whole) ? whole : (bool?)null)));

        public bool Take(JournalRecord record, Place place)
        {
            switch (record)
            {
                case VersionMade made:
                    return made.Version.Number == Highest(made.Version.Job) + 1
                        && (!made.PublishHistory || CanPublish([made.Version]))
                        && (Pointer.ContainsKey(made.Version.Job) || Agrees(made))
                        && Wish(made) && Set(made.Version, "Reprocessing");
                case VersionReady ready when Is(ready.Version, "Reprocessing")
                    && Pending?.To.Any(t => t.Job == ready.Version.Job) != true:
                    if (Pointer.TryAdd(ready.Version.Job, ready.Version))
                    {
                        Hear(ready.Version, asked: false);
                        return Set(ready.Version, "Live");
                    }

                    foreach (var old in _states.Where(s => s.Key.Job == ready.Version.Job && s.Value == "Ready")
                        .ToList())
                    {
                        _states[old.Key] = "Retired";
                    }

                    return Set(ready.Version, "Ready");
                case VersionFailed failed when Is(failed.Version, "Reprocessing", "Ready", "Live"):
                    _stopped[(failed.Version.Job, failed.Version.Number)] = failed.Place;
                    return Set(failed.Version, "Failed");
                case Marked mark:
                    return mark.Versions.All(v => Is(v, "Reprocessing", "Ready", "Live"));
                case Switching switching when Pending is null
                    && switching.To.Select(t => t.Job).Distinct().Count() == switching.To.Count
                    && switching.To.All(t => Is(t, "Ready"))
                    && switching.To.Select(t => Pointer[t.Job]).ToHashSet().SetEquals(switching.From)
                    && (!switching.PublishHistory || CanPublish(switching.To)):
                    (Pending, _mark) = (switching, place);
                    return true;
                case Switched switched when switched.Id == Pending?.Id && Pending.To.All(t => Is(t, "Ready"))
                    && switched.At == HandOver():
                    Decide(Pending);
                    return true;
                case Abandoned abandoned when abandoned.Id == Pending?.Id:
                    Pending = null;
                    return true;
                case VersionRetired retired when Is(retired.Version, "Ready") && !InPending(retired.Version):
                    return Set(retired.Version, "Retired");
                case VersionDropped dropped when Is(dropped.Version, "Reprocessing", "Retired", "Failed")
                    && !InPending(dropped.Version) && Pointer.GetValueOrDefault(dropped.Version.Job) != dropped.Version:
                    return Set(dropped.Version, "Dropped");
                default:
                    return false;
            }
        }

        private void Decide(Switching switching)
        {
            foreach (var to in switching.To)
            {
                var old = Pointer[to.Job];
                if (Is(old, "Live"))
                {
                    Set(old, "Ready");
                }

                Set(to, "Live");
                Hear(to, switching.PublishHistory);
                (_before[to.Job], Pointer[to.Job]) = (old, to);
            }

            Pending = null;
        }

        private bool Wish(VersionMade made)
        {
            _wishes[made.Version] = made.PublishHistory;
            return true;
        }

        /// <summary>Of all they say, one topic is new, or was heard whole.</summary>
        private bool CanPublish(IReadOnlyList<JobVersion> versions) =>
            versions.SelectMany(Topics).Any(topic => !_heard.TryGetValue(topic, out var whole) || whole);

        private bool Agrees(VersionMade made) => _wishes.All(other => other.Value == made.PublishHistory
            || other.Key.Job != made.Version.Job || !Is(other.Key, "Reprocessing")
            || !Topics(other.Key).Intersect(Topics(made.Version)).Any());

        private void Hear(JobVersion version, bool asked)
        {
            foreach (var topic in Topics(version))
            {
                _heard.TryAdd(topic, asked || _wishes[version]);
            }
        }

        private JobVersion? ReadyOf(string job) => _states.Where(s => s.Key.Job == job && s.Value == "Ready")
            .Select(s => Loops.V(s.Key.Number, job)).SingleOrDefault();

        private bool InPending(JobVersion version) =>
            Pending is not null && (Pending.To.Contains(version) || Pending.From.Contains(version));

        private bool Is(JobVersion version, params string[] states) =>
            _states.TryGetValue((version.Job, version.Number), out var state) && states.Contains(state);

        private bool Set(JobVersion version, string state)
        {
            _states[(version.Job, version.Number)] = state;
            return true;
        }
    }
}
