using Xunit;

namespace Kappa.Streams.Tests.Fingerprints;

/// <summary>Rule V2: what changes no fingerprint, and what changes just those of the jobs that reach it.</summary>
public sealed class FingerprintTests
{
    private const string Jobs = "public static readonly Func<int, bool> Constant";

    [Theory]
    [InlineData("a comment", "x => x > 3", "x => /* more */ x > 3")]
    [InlineData("a renamed lambda parameter", "x => x > 3", "count => count > 3")]
    [InlineData("a renamed local",
        "ReadOnlySpan<short> s = [5, 6, 7]; return s[x]", "ReadOnlySpan<short> t = [5, 6, 7]; return t[x]")]
    [InlineData("a renamed local of an iterator",
        "var i = 0; i < n; i++) { yield return i", "var j = 0; j < n; j++) { yield return j")]
    [InlineData("a renamed parameter of an iterator",
        "Count(int n)\n    {\n        for (var i = 0; i < n;", "Count(int m)\n    {\n        for (var i = 0; i < m;")]
    [InlineData("a renamed parameter of a helper", "Outer(int x) => Inner(x)", "Outer(int number) => Inner(number)")]
    [InlineData("a renamed local function", "Local(", "Triple(")]
    [InlineData("a renamed private helper", "Inner(", "Innermost(")]
    [InlineData("a renamed captured variable", "limit", "bound")]
    [InlineData("another job before",
        Jobs, "public static readonly Func<int, bool> Before = x => x < 99;\n    " + Jobs)]
    [InlineData("another capturing lambda before",
        "private static Func<int, decimal> Make",
        "private static Func<int, int> Other(int y) => x => x + y;\n    private static Func<int, decimal> Make")]
    [InlineData("another type before", "public enum Colour", "public enum Taste { Sweet }\npublic enum Colour")]
    [InlineData("another method before",
        "private static int Outer", "private static int Early(int x) => x - 1;\n    private static int Outer")]
    [InlineData("another anonymous type before",
        Jobs, "public static readonly Func<int, object> Before = x => new { A = x };\n    " + Jobs)]
    [InlineData("another array literal before",
        Jobs, "public static readonly Func<int, int> Before = x => new[] { 9, 8, 7, 6 }[x];\n    " + Jobs)]
    [InlineData("another method group before",
        Jobs, "public static readonly Func<string, bool> Before = string.IsNullOrEmpty;\n    " + Jobs)]
    [InlineData("a static value nobody reads",
        "private const int Fixed", "private static readonly List<int> Unread = [];\n    private const int Fixed")]
    public void Nothing_changes_for(string what, string old, string now) =>
        Assert.Equal($"for {what}: ", $"for {what}: {Shop.Changed((old, now))}");

    [Fact]
    public void Nothing_changes_when_a_neighbour_captures_another_variable_in_the_same_display_class()
    {
        const string Body = """
            {
                    var extra = zone.Length;
                    Func<int, int> third = x => x + extra + limit;
                    third(1);
                    return (x => x > limit, x => x == zone);
                }
            """;
        Assert.Equal("", Shop.Changed(("=>\n        (x => x > limit, x => x == zone);", Body)));
    }

    [Fact]
    public void Nothing_changes_when_jobs_are_reordered()
    {
        const string First = "    public static readonly Func<int, bool> Constant = x => x > 3;\n";
        const string Last = "    public static readonly Func<int, bool> Captured;\n";
        Assert.Equal("", Shop.Changed((First, ""), (Last, First + Last)));
    }

    [Fact]
    public void Nothing_changes_in_another_folder_and_load_context()
    {
        using var here = new CompiledSource(Shop.Source, Shop.Package);
        using var there = new CompiledSource(Shop.Source, Shop.Package);
        Assert.Equal(Hashes(here), Hashes(there));
    }

    [Fact]
    public void Nothing_changes_when_the_assembly_is_loaded_from_bytes()
    {
        using var file = new CompiledSource(Shop.Source, Shop.Package);
        using var bytes = new CompiledSource(Shop.Source, Shop.Package, fromBytes: true);
        Assert.Equal(Hashes(file), Hashes(bytes));
    }

    [Theory]
    [InlineData("a constant", "x => x > 3", "x => x > 4", "Constant")]
    [InlineData("a const", "Fixed = 7", "Fixed = 8", "Const")]
    [InlineData("a captured int", "Pair(42,", "Pair(43,", "Captured")]
    [InlineData("a captured string", "\"eu\");", "\"us\");", "Neighbour")]
    [InlineData("a static readonly int", "Limit = 10", "Limit = 11", "StaticInt")]
    [InlineData("a static readonly decimal", "Rate = 1.5m", "Rate = 1.50m", "StaticDecimal")]
    [InlineData("a static readonly array", "Steps = [1, 2, 3]", "Steps = [1, 2, 4]", "StaticArray")]
    [InlineData("a static readonly immutable array", "Names = [\"a\", \"b\"]", "Names = [\"a\", \"c\"]", "StaticNames")]
    [InlineData("a static readonly frozen set", "\"asia\"", "\"africa\"", "StaticSet")]
    [InlineData("a static readonly record", "Template = new(1, 2m)", "Template = new(1, 3m)", "StaticRecord")]
    [InlineData("a static readonly pattern", "[a-z]+", "[a-z]*", "StaticRegex")]
    [InlineData("a static readonly list expression", "[10, 20]", "[10, 30]", "StaticList")]
    [InlineData("a helper two calls deep", "Local(x) + 5", "Local(x) + 6", "Helper")]
    [InlineData("a local function", "y * 3", "y * 4", "Helper")]
    [InlineData("an order's shape",
        "decimal Amount);", "decimal Amount, int Count = 0);", "Least Recorded StaticRecord")]
    [InlineData("an attribute of a property",
        "JsonPropertyName(\"amount\")", "JsonPropertyName(\"sum\")", "Least Recorded StaticRecord")]
    [InlineData("a JSON converter", "reader.GetInt64()", "reader.GetInt64() * 100", "Converted")]
    [InlineData("an enum value", "Red = 1", "Red = 3", "Coloured")]
    [InlineData("array data", "11, 22, 33, 44", "11, 22, 33, 45", "ArrayData")]
    [InlineData("span data", "s = [5, 6, 7]", "s = [5, 6, 8]", "SpanData")]
    [InlineData("UTF-8 data", "\"hello there\"u8", "\"hello where\"u8", "Utf8Data")]
    [InlineData("a case of a switch on strings", "\"pink\"", "\"plum\"", "Switch")]
    [InlineData("a case of a switch on numbers",
        "case 2: return 4; case 3: return 8;", "case 3: return 4; case 2: return 8;", "Dense")]
    [InlineData("an iterator's body", "yield return i * 2", "yield return i * 3", "Iterator")]
    [InlineData("an async method's body", "x + 13", "x + 14", "Async")]
    [InlineData("an inner LINQ lambda", "x > 5", "x >= 5", "Linq")]
    [InlineData("a caught exception", "catch (FormatException)", "catch (OverflowException)", "Caught")]
    [InlineData("the implementation of a captured interface", "rate * count", "rate * (count + 1)", "Priced")]
    [InlineData("the value captured by a captured interface", "new Flat(2.5m)", "new Flat(2.6m)", "Priced")]
    [InlineData("an implementation of an interface", "x % 2 == 0", "x % 3 == 0", "Ruled")]
    [InlineData("another implementation of an interface",
        "public interface IUnit",
        "public sealed class Odd : IRule { public bool Fits(int x) => x % 2 == 1; }\npublic interface IUnit",
        "Ruled")]
    [InlineData("an override of a foreign interface", "x!.Id.CompareTo(y!.Id)", "y!.Id.CompareTo(x!.Id)", "Least")]
    [InlineData("an override in a derived class", "Corners() => 4", "Corners() => 5", "Cornered")]
    [InlineData("a static abstract member", "One() => 100", "One() => 1000", "Measured")]
    [InlineData("a static value of a generic type", "\"1\"", "\"2\"", "Generic")]
    [InlineData("a type of its file", "x * 6", "x * 7", "FileLocal")]
    [InlineData("a method group", "x > 1000", "x > 1001", "Group")]
    [InlineData("a property of an anonymous type", "Sum = x, ", "Total = x, ", "Anonymous")]
    [InlineData("a field of the captured this", "_hours = 8", "_hours = 9", "ThisLong")]
    public void Only_the_jobs_that_reach_it_change_for(string what, string old, string now, string jobs) =>
        Assert.Equal($"for {what}: {jobs}", $"for {what}: {Shop.Changed((old, now))}");

    [Fact]
    public void Only_the_jobs_that_reach_it_change_for_a_method_of_a_package() =>
        Assert.Equal("Taxed", Shop.ChangedByPackage("0.21m", "0.22m"));

    [Fact]
    public void Nothing_changes_for_a_method_of_a_package_that_is_not_reached() =>
        Assert.Equal("", Shop.ChangedByPackage("0.10m", "0.11m"));

    [Fact]
    public void Every_job_of_an_assembly_changes_for_an_embedded_resource()
    {
        const string Source = """
            namespace Shop;
            public static class Jobs { public static readonly System.Func<int, bool> A = x => x > 3; }
            """;
        using var before = new CompiledSource(Source, resource: [1, 2, 3]);
        using var same = new CompiledSource(Source, resource: [1, 2, 3]);
        using var after = new CompiledSource(Source, resource: [1, 2, 4]);
        Assert.Equal(before.Job("A"), same.Job("A"));
        Assert.NotEqual(before.Job("A"), after.Job("A"));
    }

    private static IEnumerable<(string, string)> Hashes(CompiledSource source) =>
        source.Jobs().Select(job => (job.Key, job.Value.Hash));
}
