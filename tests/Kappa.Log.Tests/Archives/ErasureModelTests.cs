using FsCheck;
using FsCheck.Fluent;
using Xunit;
using Xunit.Abstractions;

namespace Kappa.Log.Tests.Archives;

/// <summary>
/// Appends, erasures, mirrors, removals, restarts and a store that fails, in any order: what is read is what was
/// appended, but for what was erased; and that is nowhere in the end (rules L9 and L10).
/// </summary>
public sealed class ErasureModelTests(ITestOutputHelper output)
{
    [Fact]
    public void Whatever_happens_in_between_the_rest_stays_and_what_was_erased_is_gone_L10_L9()
    {
        Prop.ForAll(ArbMap.Default.ArbFor<int>(), seed =>
        {
            output.WriteLine($"seed {seed}");
            RunAsync(seed).GetAwaiter().GetResult();
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(15));
    }

    private static async Task RunAsync(int seed)
    {
        var random = new Random(seed);
        var house = await ErasedHouse.OpenAsync(15);
        var run = new Run(house, new MemoryStore("second", house.Time), random);
        try
        {
            run.Begin();
            for (var step = 0; step < 25; step++)
            {
                await run.StepAsync(step);
            }

            await run.EndAsync();
        }
        finally
        {
            await house.DisposeAsync();
        }
    }

    /// <summary>One log with two stores, of which the second is often away.</summary>
    private sealed class Run(House house, MemoryStore second, Random random)
    {
        private readonly IReadOnlyList<ArchiveHead>[] _known = [[], []];
        private int _appended = 1_000;
        private List<string> _expected = [];

        public void Begin()
        {
            house.Store.Fault = Fault;
            second.Fault = Fault;
        }

        public async Task StepAsync(int step)
        {
            switch (random.Next(7))
            {
                case 0 or 1:
                    await house.FillAsync(random.Next(1, 12), _appended, inKeys: random.Next(2) == 0);
                    _appended += 100;
                    break;
                case 2:
                    var withKeys = random.Next(3) == 0;
                    await PatientlyAsync(() => house.EraseAsync(withKeys).AsTask());
                    break;
                case 3:
                    await PatientlyAsync(() => MirrorAsync(0));
                    Remove();
                    break;
                case 4:
                    await PatientlyAsync(() => MirrorAsync(random.Next(2)));
                    break;
                case 5:
                    Remove();
                    break;
                default:
                    await house.Log.DisposeAsync();
                    await house.OpenLogAsync();
                    Attach();
                    break;
            }

            await CheckAsync(step);
        }

        public async Task EndAsync()
        {
            await PatientlyAsync(() => house.EraseAsync(withKeys: true).AsTask());
            await PatientlyAsync(() => MirrorAsync(0));
            await PatientlyAsync(() => MirrorAsync(1));
            house.Store.Fault = (_, _) => StoreFault.None;
            second.Fault = (_, _) => StoreFault.None;
            await house.AssertGoneAsync(second);
            foreach (var store in new[] { house.Store, second })
            {
                house.Remembered = [];
                await using var archive = house.NewArchive(store);
                Assert.Empty((await archive.VerifyAsync(default)).Findings);
            }
        }

        private async Task CheckAsync(int step)
        {
            List<string> shown = [];
            await PatientlyAsync(async () => shown = await house.Log.ShownAsync());

            // What was shown before is shown for ever, in the same place, or is gone.
            Assert.True(shown.Count >= _expected.Count, $"step {step}");
            Assert.Equal(_expected, shown.Take(_expected.Count));
            _expected = shown;
        }

        private async Task MirrorAsync(int which)
        {
            house.Remembered = _known[which];
            var store = which == 0 ? house.Store : second;
            var mirror = house.NewMirror(store);
            try
            {
                await mirror.CopyAsync(default);
                Assert.Equal(0, mirror.Progress.Erasing);
            }
            finally
            {
                // From the first time on it is read, too.
                var isNew = _known[which].Count == 0 && house.Remembered.Count > 0;
                _known[which] = house.Remembered;
                if (isNew)
                {
                    house.Log.Attach(new Archive(store, "t", house.Patience));
                }
            }
        }

        // Never more than both stores have.
        private void Remove()
        {
            for (var partition = 0; partition < 2; partition++)
            {
                var have = new[] { house.Store, second }.Min(store => EndOf(store, partition));
                var segments = house.Log.PartitionsOf("t")[partition].Segments;
                var last = segments.LastOrDefault(segment => segment.Header.BaseOffset <= have);
                if (last is not null && last != segments[0])
                {
                    house.Log.RemoveBefore("t", partition, last.Header.BaseOffset);
                }
            }
        }

        private static long EndOf(MemoryStore store, int partition)
        {
            var name = $"t/{partition:D4}/manifest-000001";
            return !store.Copy().TryGetValue(name, out var page) ? 0
                : System.Text.Encoding.UTF8.GetString(page).Split('\n')
                    .Where(line => line.Contains("baseOffset", StringComparison.Ordinal))
                    .Select(line => System.Text.Json.JsonDocument.Parse(line).RootElement)
                    .Select(line => line.GetProperty("baseOffset").GetInt64() + line.GetProperty("count").GetInt64())
                    .DefaultIfEmpty(0).Max();
        }

        private void Attach()
        {
            for (var which = 0; which < 2; which++)
            {
                house.Remembered = [];
                if (_known[which].Count > 0)
                {
                    house.Log.Attach(house.NewArchive(which == 0 ? house.Store : second));
                }
            }
        }

        // Fetching ahead asks on a thread of its own.
        private StoreFault Fault(string what, string name)
        {
            lock (random)
            {
                return random.Next(15) > 0 ? StoreFault.None : (StoreFault)random.Next(2, 4);
            }
        }

        private static async Task PatientlyAsync(Func<Task> act)
        {
            for (var left = 60; ; left--)
            {
                try
                {
                    await act();
                    return;
                }
                catch (KappaException down) when (left > 0 && down.Kind is ErrorKind.Unavailable or ErrorKind.NotFound)
                {
                    // Again, as mirrors and versions do.
                }
            }
        }
    }
}
