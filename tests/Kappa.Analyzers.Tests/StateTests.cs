using Xunit;

namespace Kappa.Analyzers.Tests;

/// <summary>
/// State that a job keeps by itself: in static members, in captured variables, in the fields of a Process.
/// </summary>
public sealed class StateTests
{
    private const string Statics = """
        public static class Held
        {
            public const int Limit = 4;
            public static int Count;
            public static int Total { get; set; }
            public static int Fixed { get; } = 4;
            public static int Twice => Fixed * 2;
            public static readonly double Rate = 2.5;
            public static readonly int[] Steps = [1, 2];
            public static readonly FrozenDictionary<string, int> Frozen = FrozenDictionary<string, int>.Empty;
            public static readonly ImmutableArray<int> Immutable = [];
            public static readonly Dictionary<string, int> Rates = [];
            public static List<int> Names { get; } = [];
            public static event Action? Changed;
            public static void Raise() => Changed?.Invoke();
        }
        """;

    [Theory]
    [InlineData("⟦004: Held.Count⟧")]
    [InlineData("⟦004: Held.Count⟧++")]
    [InlineData("⟦004: Held.Total⟧")]
    [InlineData("⟦004: Held.Total⟧ = order.Count")]
    [InlineData("⟦004: Held.Rates⟧[order.Id]")]
    [InlineData("⟦004: Held.Rates⟧.TryAdd(order.Id, 1)")]
    [InlineData("⟦004: Held.Names⟧.Count")]
    [InlineData("⟦004: Held.Steps⟧[0]++")]
    [InlineData("⟦004: CultureInfo.CurrentCulture⟧ = CultureInfo.InvariantCulture")]
    [InlineData("CultureInfo.CurrentCulture.Name")]
    [InlineData("Held.Limit")]
    [InlineData("Held.Fixed + Held.Twice")]
    [InlineData("Held.Rate * order.Price")]
    [InlineData("Held.Steps[1]")]
    [InlineData("Held.Frozen.Count + Held.Immutable.Length")]
    [InlineData("string.Empty")]
    [InlineData("EqualityComparer<int>.Default.Equals(order.Count, 1)")]
    public Task Static_state_that_can_change_is_a_finding(string expression) =>
        Sources.CheckAsync(Sources.Select(expression), Statics);

    [Fact]
    public Task A_static_event_is_a_finding() => Sources.CheckAsync(
        Sources.Statements("        ⟦004: Held.Changed⟧ += () => { }; return null;"), Statics);

    [Fact]
    public Task A_captured_variable_that_changes_is_a_finding() => Sources.CheckAsync("""
        public static class Jobs
        {
            public static Job Make(double limit, int start, List<string> names, int[] steps) =>
                Job.Define("sales", flow =>
            {
                var count = start;
                var seen = new HashSet<string>();
                flow.From<Order>("orders")
                    .Where(order => order.Price > limit && steps[0] > 1)
                    .Where(order => ⟦010: seen⟧.Add(order.Id))
                    .Where(order => ⟦010: names⟧.Contains(order.Id))
                    .Select(order => ⟦010: count⟧++)
                    .Select(number =>
                    {
                        var own = 0;
                        var list = new List<int>();
                        own++;
                        list.Add(own);
                        foreach (var one in list)
                        {
                            list.ForEach(other => own += other);
                        }

                        return own;
                    })
                    .ToTable("sales", _ => 0);
            });
        }
        """);

    [Fact]
    public Task A_field_of_a_process_is_not_its_state() => Sources.CheckAsync("""
        public sealed class Counting(int step) : Process<string, Order, int, int>
        {
            private readonly List<string> _seen = [];
            private readonly int _step = step;
            private int _count;

            public int Last { get; private set; }

            public override int Seed => _step;

            public override void OnRecord(ProcessContext<int> context, string key, ref int state, Order order)
            {
                state += _step;
                ⟦010: _count⟧++;
                ⟦010: _seen⟧.Add(key);
                ⟦010: Last⟧ = state;
                context.Emit(state);
            }
        }
        """);

    [Fact]
    public Task What_is_read_when_the_job_is_defined_is_free() => Sources.CheckAsync("""
        public static class Jobs
        {
            public static readonly Job Sales = Job.Define("sales", flow =>
            {
                var limit = double.Parse(Environment.GetEnvironmentVariable("LIMIT") ?? "4");
                var from = DateTimeOffset.UtcNow;
                flow.From<Order>("orders", eventTime: order => order.At)
                    .Where(order => order.Price > limit)
                    .ToTable("sales", order => order.Id, table => table.Describe(Environment.MachineName));
            });
        }
        """);
}
