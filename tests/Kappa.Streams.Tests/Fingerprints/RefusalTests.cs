using Kappa.Log;
using Xunit;

namespace Kappa.Streams.Tests.Fingerprints;

/// <summary>Rule V2: what cannot be hashed is refused by name; ignored, it would call changed code unchanged.</summary>
public sealed class RefusalTests
{
    [Theory]
    [InlineData("a mutable static field", "static int limit = 3;", "x => x > limit", "Jobs.limit")]
    [InlineData("a mutable static property", "static int Limit { get; set; } = 3;", "x => x > Limit", "Jobs.Limit")]
    [InlineData("a static list", "static readonly List<int> Odd = [1, 3];", "x => Odd.Contains(x)", "Jobs.Odd")]
    [InlineData("a static dictionary",
        "static readonly Dictionary<int, int> Map = new();", "x => Map[x] > 0", "Jobs.Map")]
    [InlineData("a list in a static record",
        "record R(List<int> L); static readonly R Rule = new([1]);", "x => Rule.L[0] > x", "Jobs.Rule.L")]
    [InlineData("a captured service",
        "static Func<int, bool> Make(HttpClient http) => x => http.Timeout.Ticks > x;", "Make(new HttpClient())",
        "http")]
    [InlineData("a clock",
        "static readonly TimeProvider Clock = TimeProvider.System;", "x => Clock.GetTimestamp() > x", "Jobs.Clock")]
    [InlineData("a helper's mutable static field",
        "static int n; static int Next() => n;", "x => Next() > x", "Jobs.n")]
    [InlineData("a captured variable it changes", "static Func<int, bool> Make() { var n = 0; return x => ++n > x; }",
        "Make()", "variable n")]
    [InlineData("dynamic", "static object Any = 1;", "x => ((dynamic)x).CompareTo(3) > 0", "dynamic")]
    [InlineData("a static initializer that fails",
        "static class T { public static readonly int V = int.Parse(\"x\"); }", "x => x > T.V", "T.V")]
    [InlineData("a list behind a base class",
        "class L : List<int>; static readonly L Odd = [1];", "x => Odd.Contains(x)", "Jobs.Odd")]
    public void A_job_is_refused_by_name_when_it_reads(string what, string members, string lambda, string named)
    {
        using var source = Compile(members, lambda);
        var refused = Assert.Throws<KappaException>(() => source.Job("A"));
        Assert.Equal(ErrorKind.Invalid, refused.Kind);
        Assert.Contains(named, refused.Message, StringComparison.Ordinal);
        Assert.False(string.IsNullOrEmpty(refused.Next), what);
    }

    [Theory]
    [InlineData("a time zone",
        "static readonly TimeZoneInfo Zone = TimeZoneInfo.Utc;", "x => Zone.BaseUtcOffset.Ticks > x")]
    [InlineData("a comparer",
        "static readonly StringComparer By = StringComparer.OrdinalIgnoreCase;", "x => By.Compare(\"a\", \"A\") > x")]
    [InlineData("dates and ids",
        "static readonly (DateTime, DateTimeOffset, Guid, TimeSpan) T = default;", "x => T.Item4.Ticks > x")]
    [InlineData("an immutable dictionary",
        "static readonly System.Collections.Immutable.ImmutableDictionary<string, int> M = "
            + "System.Collections.Immutable.ImmutableDictionary<string, int>.Empty;",
        "x => M.Count > x")]
    [InlineData("a table of numbers", "static readonly double[,] M = { { 1, 2 }, { 3, 4 } };", "x => M[0, 1] > x")]
    [InlineData("a record that holds itself",
        "record N { public N? Next; } static N Ring() { var n = new N(); n.Next = n; return n; } static "
            + "readonly N R = Ring();",
        "x => R.Next != null")]
    [InlineData("a delegate", "static readonly Func<int, int> Twice = y => y * 2;", "x => Twice(x) > 3")]
    [InlineData("a static field it only writes", "static int last;", "x => { last = x; return true; }")]
    [InlineData("a comparer of its own",
        "class C : Comparer<int> { public override int Compare(int x, int y) => y - x; } static readonly C "
            + "By = new();",
        "x => By.Compare(x, 1) > 0")]
    public void A_job_is_not_refused_for(string what, string members, string lambda)
    {
        using var source = Compile(members, lambda);
        Assert.True(source.Job("A").Hash.Length == 64, what);
    }

    [Fact]
    public void The_same_values_count_whatever_the_order_of_a_set()
    {
        const string Set = "static readonly System.Collections.Frozen.FrozenSet<string> S = "
            + "System.Collections.Frozen.FrozenSet.ToFrozenSet(WORDS.Split(' '));";
        using var one = Compile(Shop.Replace(Set, ("WORDS", "\"a b c\"")), "x => S.Count > x");
        using var other = Compile(Shop.Replace(Set, ("WORDS", "\"c a b\"")), "x => S.Count > x");
        Assert.Equal(one.Job("A").Hash, other.Job("A").Hash);
    }

    private static CompiledSource Compile(string members, string lambda) => new($$"""
        using System;
        using System.Collections.Generic;
        using System.Net.Http;
        namespace Shop;
        public static class Jobs
        {
            {{members}}
            public static readonly Func<int, bool> A = {{lambda}};
        }
        """);
}
