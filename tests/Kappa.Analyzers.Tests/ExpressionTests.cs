using Xunit;

namespace Kappa.Analyzers.Tests;

/// <summary>One expression inside an operator: what is a finding under which code, and what is none.</summary>
public sealed class ExpressionTests
{
    [Theory]
    [InlineData("⟦001: DateTime.Now⟧")]
    [InlineData("⟦001: DateTime.UtcNow⟧.Year")]
    [InlineData("⟦001: DateTime.Today⟧")]
    [InlineData("⟦001: DateTimeOffset.Now⟧")]
    [InlineData("order.At - ⟦001: DateTimeOffset.UtcNow⟧")]
    [InlineData("⟦001: Environment.TickCount⟧ + 1")]
    [InlineData("⟦001: Environment.TickCount64⟧ + 1")]
    [InlineData("⟦001: ⟦001: TimeProvider.System⟧.GetUtcNow()⟧")]
    [InlineData("⟦001: System.Diagnostics.Stopwatch.StartNew()⟧.Elapsed")]
    [InlineData("⟦001: System.Diagnostics.Stopwatch.GetTimestamp()⟧")]
    [InlineData("TimeZoneInfo.ConvertTime(order.At, ⟦001: TimeZoneInfo.Local⟧)")]
    [InlineData("order.At.AddDays(1).Year")]
    [InlineData("nameof(DateTime.Now)")]
    [InlineData("DateTime.UnixEpoch")]
    [InlineData("TimeZoneInfo.Utc")]
    public Task A_clock_is_a_finding(string expression) => Sources.CheckAsync(Sources.Select(expression));

    [Theory]
    [InlineData("⟦002: Guid.NewGuid()⟧")]
    [InlineData("⟦002: Guid.CreateVersion7()⟧")]
    [InlineData("⟦002: ⟦002: Random.Shared⟧.Next()⟧")]
    [InlineData("⟦002: ⟦002: new Random(4)⟧.Next()⟧")]
    [InlineData("⟦002: System.Security.Cryptography.RandomNumberGenerator.GetInt32(9)⟧")]
    [InlineData("⟦002: Path.GetRandomFileName()⟧")]
    [InlineData("Guid.Parse(order.Id)")]
    [InlineData("System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(order.Id))")]
    public Task Chance_is_a_finding(string expression) => Sources.CheckAsync(Sources.Select(expression));

    [Theory]
    [InlineData("⟦003: order.Id.GetHashCode()⟧ % 8")]
    [InlineData("⟦003: order.Id.GetHashCode(StringComparison.Ordinal)⟧ % 8")]
    [InlineData("⟦003: HashCode.Combine(order.Id, 1)⟧")]
    [InlineData("⟦003: order.GetHashCode()⟧")]
    [InlineData("⟦003: (order.Id, 4).GetHashCode()⟧")]
    [InlineData("⟦003: System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(order)⟧")]
    [InlineData("order.Count.GetHashCode()")]
    [InlineData("order.Kind.GetHashCode()")]
    [InlineData("order.At.GetHashCode()")]
    [InlineData("order.Id.Length")]
    public Task A_hash_code_of_one_process_is_a_finding(string expression) =>
        Sources.CheckAsync(Sources.Select(expression));

    [Theory]
    [InlineData("⟦005: Console.ReadLine()⟧")]
    [InlineData("⟦005: File.ReadAllText(\"rates\")⟧")]
    [InlineData("⟦005: Directory.GetFiles(order.Id)⟧")]
    [InlineData("⟦005: new FileInfo(order.Id)⟧.ToString()")]
    [InlineData("⟦005: new StreamReader(\"rates\")⟧.ToString()")]
    [InlineData("⟦005: new System.Net.Http.HttpClient()⟧.ToString()")]
    [InlineData("⟦005: System.Net.Dns.GetHostName()⟧")]
    [InlineData("⟦005: ⟦005: System.Diagnostics.Process.GetCurrentProcess()⟧.ToString()⟧")]
    [InlineData("⟦005: Environment.GetEnvironmentVariable(\"RATE\")⟧")]
    [InlineData("⟦005: Environment.MachineName⟧")]
    [InlineData("⟦005: ((System.Data.Common.DbConnection)(object)order).CreateCommand()⟧.ToString()")]
    [InlineData("⟦005: ((Kappa.Log.ILog)(object)order).Topics⟧.Count")]
    [InlineData("default(Kappa.Log.Place).LogTime")]
    [InlineData("Environment.NewLine")]
    [InlineData("Path.Combine(order.Id, order.Customer)")]
    [InlineData("new StringReader(order.Id).ToString()")]
    [InlineData("order.Count > 0 ? order.Id : throw new IOException(order.Id)")]
    [InlineData("new Kappa.Log.KappaException(Kappa.Log.ErrorKind.Invalid, \"a\", \"b\").Message")]
    public Task The_world_outside_is_a_finding(string expression) => Sources.CheckAsync(Sources.Select(expression));

    [Theory]
    [InlineData("⟦007: Task.Run(() => order.Count)⟧")]
    [InlineData("⟦007: Task.Delay(1)⟧")]
    [InlineData("⟦007: Parallel.For(0, 9, i => { })⟧")]
    [InlineData("⟦007: new Timer(_ => { })⟧.ToString()")]
    [InlineData("⟦007: Thread.CurrentThread⟧.ToString()")]
    [InlineData("⟦007: order.Id.AsParallel()⟧.ToString()")]
    [InlineData("default(CancellationToken).IsCancellationRequested")]
    public Task Threads_and_tasks_are_findings(string expression) => Sources.CheckAsync(Sources.Select(expression));

    [Theory]
    [InlineData("⟦008: ((dynamic)order).Count⟧")]
    [InlineData("⟦008: ((dynamic)order).Of(1).Count + 1⟧")]
    [InlineData("⟦008: (dynamic)order.Count + 1⟧")]
    [InlineData("(object)order.Count")]
    public Task Dynamic_is_a_finding_once_an_expression(string expression) =>
        Sources.CheckAsync(Sources.Select(expression));

    [Fact]
    public Task Waiting_and_locking_are_findings() => Sources.CheckAsync("""
        public static class Jobs
        {
            private static readonly object Gate = new();

            public static readonly Job Sales = Job.Define("sales", flow => flow
                .From<Order>("orders")
                .Select(async order => { ⟦007: await ⟦007: Task.Yield()⟧⟧; return order.Count; })
                .Select(count => { lock (⟦007: Gate⟧) { return 1; } })
                .ToTable("sales", _ => 0));
        }
        """);
}
