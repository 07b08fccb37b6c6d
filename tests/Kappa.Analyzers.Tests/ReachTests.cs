using Xunit;

namespace Kappa.Analyzers.Tests;

/// <summary>Which code is inside a job: what operators are given, what Processes do, and what these reach.</summary>
public sealed class ReachTests
{
    [Fact]
    public Task Every_operator_that_takes_code_is_read() => Sources.CheckAsync("""
        public static class Jobs
        {
            public static readonly Job Sales = Job.Define("sales", flow =>
            {
                var orders = flow.From<Order>("orders", eventTime: _ => ⟦001: DateTimeOffset.UtcNow⟧);
                orders.Where(order => order.At < ⟦001: DateTimeOffset.UtcNow⟧)
                    .SelectMany(order => new[] { ⟦002: Guid.NewGuid()⟧ })
                    .ToTable("ids", _ => ⟦002: Guid.NewGuid()⟧);
                var keyed = orders.KeyBy(_ => ⟦002: Guid.NewGuid()⟧)
                    .KeyBy(_ => ⟦002: Guid.NewGuid()⟧)
                    .Where(_ => ⟦001: DateTime.Now⟧.Hour > 4)
                    .Distinct(_ => ⟦002: Guid.NewGuid()⟧, TimeSpan.FromHours(1))
                    .InOrder(_ => ⟦002: Guid.NewGuid()⟧);
                keyed.Join(
                    keyed, Interval.Within(TimeSpan.FromHours(1)), (left, right) => ⟦002: Guid.NewGuid()⟧,
                    when: (left, right) => left.At > ⟦001: DateTimeOffset.UtcNow⟧)
                    .ToTable("pairs", _ => 0);
                keyed.Aggregate(0, (sum, _) => sum + ⟦001: DateTime.Now⟧.Hour).ToTable("sums");
                keyed.Window(Window.Tumbling(TimeSpan.FromHours(1)))
                    .Aggregate(0, (sum, _) => sum + ⟦001: DateTime.Now⟧.Hour)
                    .ToTable("hours");
            });
        }
        """);

    [Fact]
    public Task Windows_by_key_aggregations_and_patterns_are_read() => Sources.CheckAsync("""
        using Kappa.Streams.Patterns;

        public static class Jobs
        {
            public static readonly Job Sales = Job.Define("sales", flow =>
            {
                var orders = flow.From<Order>("orders", eventTime: order => order.At).KeyBy(order => order.Id);
                orders.Window(key => Window.Tumbling(TimeSpan.FromHours(⟦001: DateTime.Now⟧.Hour)))
                    .Aggregate(Aggregate.Sum<Order>(order => order.Count + ⟦001: DateTime.Now⟧.Hour))
                    .ToTable("sums");
                orders.Aggregate(new Aggregation<Order, long, long>(
                    0, (count, order) => count + ⟦001: DateTime.Now⟧.Hour, count => count)).ToTable("counts");
                orders.Detect(
                    Step.Of<Order>("sold", order => ⟦002: Guid.NewGuid()⟧ != default).Within(TimeSpan.FromHours(1)),
                    (key, match) => ⟦002: Guid.NewGuid()⟧).ToTable("found", _ => 0);
            });
        }
        """);

    [Fact]
    public Task Methods_in_other_files_are_read_once_however_many_jobs_reach_them() => Sources.CheckAsync(
        Sources.Select("Clocks.Age(order)") + Sources.Select("Clocks.Age(order)")
            .Replace("class Jobs", "class MoreJobs", StringComparison.Ordinal),
        """
        public static class Clocks
        {
            public static TimeSpan Age(Order order) => Since(order.At);
            public static DateTimeOffset Unreached() => DateTimeOffset.UtcNow;
            private static TimeSpan Since(DateTimeOffset time) => ⟦001: DateTimeOffset.UtcNow⟧ - time;
        }
        """);

    [Fact]
    public Task Method_groups_variables_fields_and_factories_are_followed() => Sources.CheckAsync("""
        public static class Jobs
        {
            private static readonly Func<Order, bool> Recent = order => order.At > ⟦001: DateTimeOffset.UtcNow⟧;

            private static Func<Order, bool> Old => order => order.At < ⟦001: DateTimeOffset.UtcNow⟧;

            public static readonly Job Sales = Job.Define("sales", flow =>
            {
                Func<Order, bool> local = order => ⟦002: Guid.NewGuid()⟧ != default;
                flow.From<Order>("orders")
                    .Where(local)
                    .Where(Recent)
                    .Where(Old)
                    .Where(Chosen)
                    .Where(Above(Environment.ProcessorCount))
                    .ToTable("sales", order => order.Id);
            });

            private static bool Chosen(Order order) => ⟦002: Random.Shared⟧ is null;

            private static Func<Order, bool> Above(int limit) =>
                order => order.Count > limit + ⟦001: DateTime.Now⟧.Hour;
        }
        """);

    [Fact]
    public Task Properties_constructors_initializers_and_operators_are_followed() => Sources.CheckAsync(
        Sources.Select("(Stamp)(+new Stamp(order) + new Stamp(order)).Next"), """
        public sealed class Stamp(Order order)
        {
            private readonly Guid _id = ⟦002: Guid.NewGuid()⟧;
            public Order Order { get; } = order;
            public Guid Id => _id;
            public Stamp Next { get { _ = ⟦002: Guid.NewGuid()⟧; return this; } }
            public static Stamp operator +(Stamp left, Stamp right) => ⟦001: DateTime.Now⟧.Hour > 4 ? left : right;
            public static Stamp operator +(Stamp stamp) =>
                ⟦001: DateTime.Now⟧.Hour > 4 ? stamp : new Stamp(stamp.Order);
        }
        """);

    [Fact]
    public Task All_types_behind_an_interface_or_an_abstract_member_are_read() => Sources.CheckAsync(
        Sources.Select("Rates.Of(order).Rate(order) + Rates.Named(order).Name.Length"), """
        public interface IRate<T> { double Rate(T order); }
        public abstract class Named { public abstract string Name { get; } }
        public sealed class Fixed : Named, IRate<Order>
        {
            public double Rate(Order order) => 1;
            public override string Name => "fixed";
        }
        public sealed class Drifting : Named, IRate<Order>
        {
            double IRate<Order>.Rate(Order order) => ⟦001: DateTime.Now⟧.Hour;
            public override string Name => ⟦002: Guid.NewGuid()⟧.ToString();
        }
        public static class Rates
        {
            public static IRate<Order> Of(Order order) => new Fixed();
            public static Named Named(Order order) => new Fixed();
        }
        """);

    [Fact]
    public Task A_process_is_read_as_a_whole_but_for_its_constructor() => Sources.CheckAsync("""
        public sealed class Reminding : Process<string, Order, long, string>
        {
            private readonly DateTimeOffset _made;

            public Reminding() => _made = DateTimeOffset.UtcNow;

            public override long Seed => ⟦001: Environment.TickCount64⟧;

            public override void OnRecord(ProcessContext<string> context, string key, ref long state, Order order) =>
                context.SetTimer(⟦001: DateTimeOffset.UtcNow⟧.AddMinutes(1));

            public override void OnTimer(
                ProcessContext<string> context, string key, ref long state, DateTimeOffset due) => Say(context);

            private static void Say(ProcessContext<string> context) => context.Emit(⟦002: Guid.NewGuid()⟧.ToString());
        }
        """);

    [Fact]
    public Task Code_beside_a_job_is_not_read() => Sources.CheckAsync("""
        public static class Program
        {
            public static async Task Main()
            {
                Console.WriteLine($"{DateTime.Now} {Guid.NewGuid()} {Random.Shared.Next()}");
                await Task.Delay(TimeSpan.FromSeconds(1));
                foreach (var pair in new Dictionary<string, int>())
                {
                    Console.WriteLine(pair);
                }
            }
        }
        """);

    [Fact]
    public Task Recursion_ends() => Sources.CheckAsync(Sources.Select("Numbers.Even(order.Count)"), """
        public static class Numbers
        {
            public static bool Even(int number) => number == 0 || Odd(number - 1);
            private static bool Odd(int number) => number != 0 && Even(number - 1) && ⟦001: DateTime.Now⟧.Hour > 4;
        }
        """);
}
