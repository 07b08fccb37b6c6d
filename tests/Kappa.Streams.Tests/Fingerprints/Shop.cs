using Xunit;

namespace Kappa.Streams.Tests.Fingerprints;

/// <summary>
/// A user's program with many jobs; a mutation is a piece of it replaced, and what counts is which jobs changed.
/// </summary>
internal static class Shop
{
    public const string Package = """
        namespace Package;
        public static class Tax
        {
            public static decimal Of(decimal amount) => amount * 0.21m;
            public static decimal Unused(decimal amount) => amount * 0.10m;
        }
        """;

    public const string Source = """
        using System;
        using System.Collections.Frozen;
        using System.Collections.Generic;
        using System.Collections.Immutable;
        using System.Linq;
        using System.Text.Json;
        using System.Text.Json.Serialization;
        using System.Text.RegularExpressions;
        using System.Threading.Tasks;
        namespace Shop;

        public enum Colour { Red = 1, Green = 2 }

        public record Order(int Id, [property: JsonPropertyName("amount")] decimal Amount);

        [JsonConverter(typeof(MoneyConverter))]
        public readonly record struct Money(long Cents);

        public sealed class MoneyConverter : JsonConverter<Money>
        {
            public override Money Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options) =>
                new(reader.GetInt64());
            public override void Write(Utf8JsonWriter writer, Money value, JsonSerializerOptions options) =>
                writer.WriteNumberValue(value.Cents);
        }

        public sealed class Device
        {
            private int _level;
            public int Level { get => _level; set => _level = value + 1; }
        }

        file static class Hidden { public static int Times(int x) => x * 6; }

        public interface IPricing { decimal Price(int count); }
        public sealed class Flat(decimal rate) : IPricing { public decimal Price(int count) => rate * count; }

        public interface IRule { bool Fits(int x); }
        public sealed class Even : IRule { public bool Fits(int x) => x % 2 == 0; }

        public interface IUnit<TSelf> where TSelf : IUnit<TSelf> { static abstract int One(); }
        public readonly struct Metre : IUnit<Metre> { public static int One() => 100; }

        public abstract class Shape { public virtual int Corners() => 0; }
        public sealed class Square : Shape { public override int Corners() => 4; }

        public sealed class ById : IComparer<Order>
        {
            public int Compare(Order? x, Order? y) => x!.Id.CompareTo(y!.Id);
        }

        public static class Cell<T> { public static readonly string Name = typeof(T).Name + "1"; }

        public sealed class Shift
        {
            private readonly int _hours = 8;
            private readonly int _breaks = 2;
            public Func<int, bool> Long() => x => x > _hours;
            public Func<int, bool> Rested() => x => x > _breaks;
        }

        public static class Jobs
        {
            private const int Fixed = 7;
            private static readonly int Limit = 10;
            private static readonly decimal Rate = 1.5m;
            private static readonly int[] Steps = [1, 2, 3];
            private static readonly ImmutableArray<string> Names = ["a", "b"];
            private static readonly FrozenSet<string> Zones = new[] { "eu", "us", "asia" }.ToFrozenSet();
            private static readonly Order Template = new(1, 2m);
            private static readonly Regex Word = new("[a-z]+");
            private static readonly IReadOnlyList<int> Ladder = [10, 20];

            public static readonly Func<int, bool> Constant = x => x > 3;
            public static readonly Func<int, bool> Const = x => x > Fixed;
            public static readonly Func<int, bool> StaticInt = x => x > Limit;
            public static readonly Func<decimal, decimal> StaticDecimal = x => x * Rate;
            public static readonly Func<int, bool> StaticArray = x => Steps.Contains(x);
            public static readonly Func<string, bool> StaticNames = x => Names.Contains(x);
            public static readonly Func<string, bool> StaticSet = x => Zones.Contains(x);
            public static readonly Func<Order, bool> StaticRecord = x => x == Template;
            public static readonly Func<string, bool> StaticRegex = x => Word.IsMatch(x);
            public static readonly Func<int, bool> StaticList = x => Ladder.Contains(x);
            public static readonly Func<int, int> Helper = x => Outer(x);
            public static readonly Func<Order, int> Recorded = x => x.Id;
            public static readonly Func<Money, long> Converted = x => x.Cents;
            public static readonly Func<Colour, bool> Coloured = x => x == Colour.Green;
            public static readonly Func<int, int> ArrayData = x => new[] { 11, 22, 33, 44 }[x];
            public static readonly Func<int, int> SpanData = x => { ReadOnlySpan<short> s = [5, 6, 7]; return s[x]; };
            public static readonly Func<int, int> Utf8Data = x => "hello there"u8[x];
            public static readonly Func<string, int> Switch = x => x switch
            {
                "red" => 1, "green" => 2, "blue" => 3, "black" => 4, "white" => 5, "brown" => 6, "pink" => 7, _ => 0,
            };
            public static readonly Func<int, int> Dense = x =>
            {
                switch (x)
                {
                    case 0: return 3; case 1: return 9; case 2: return 4; case 3: return 8; default: return 0;
                }
            };
            public static readonly Func<int, IEnumerable<int>> Iterator = x => Count(x);
            public static readonly Func<int, Task<int>> Async = x => Later(x);
            public static readonly Func<int[], int> Linq = xs => xs.Where(x => x > 5).Sum();
            public static readonly Func<string, int> Caught = x =>
            {
                try { return int.Parse(x); } catch (FormatException) { return -1; }
            };
            public static readonly Func<decimal, decimal> Taxed = x => Package.Tax.Of(x);
            public static readonly Func<Order[], Order> Least = xs => { Array.Sort(xs, new ById()); return xs[0]; };
            public static readonly Func<IRule, int, bool> Ruled = (rule, x) => rule.Fits(x);
            public static readonly Func<int, int> Measured = x => x * One<Metre>();
            public static readonly Func<Shape, int> Cornered = x => x.Corners();
            public static readonly Func<string> Generic = () => Name<int>();
            public static readonly Func<int, bool> Group = IsBig;
            public static readonly Func<int, int> FileLocal = x => Hidden.Times(x);
            public static readonly Func<int, object> Anonymous = x => new { Sum = x, Twice = x * 2 };
            public static readonly Func<int, bool> ThisLong = new Shift().Long();
            public static readonly Func<int, bool> ThisRested = new Shift().Rested();
            public static readonly Func<int, bool> Captured;
            public static readonly Func<string, bool> Neighbour;
            public static readonly Func<int, decimal> Priced = Make(new Flat(2.5m));

            static Jobs() => (Captured, Neighbour) = Pair(42, "eu");

            private static (Func<int, bool>, Func<string, bool>) Pair(int limit, string zone) =>
                (x => x > limit, x => x == zone);
            private static Func<int, decimal> Make(IPricing pricing) => x => pricing.Price(x);
            private static int Outer(int x) => Inner(x) + 1;
            private static int Inner(int x)
            {
                return Local(x) + 5;
                static int Local(int y) => y * 3;
            }
            private static IEnumerable<int> Count(int n)
            {
                for (var i = 0; i < n; i++) { yield return i * 2; }
            }
            private static async Task<int> Later(int x) { await Task.Yield(); return x + 13; }
            private static int One<T>() where T : IUnit<T> => T.One();
            private static string Name<T>() => Cell<T>.Name;
            private static bool IsBig(int x) => x > 1000;
        }
        """;

    private static readonly Lazy<IReadOnlyDictionary<string, string>> Original = new(() => Hashes(Source, Package));

    /// <summary>The jobs whose fingerprint differs after the replacements, by name.</summary>
    public static string Changed(params (string Old, string New)[] replacements) =>
        Compare(Hashes(Replace(Source, replacements), Package));

    public static string ChangedByPackage(string old, string now) =>
        Compare(Hashes(Source, Replace(Package, (old, now))));

    public static string Replace(string source, params (string Old, string New)[] replacements)
    {
        foreach (var (old, now) in replacements)
        {
            Assert.Contains(old, source, StringComparison.Ordinal);
            source = source.Replace(old, now, StringComparison.Ordinal);
        }

        return source;
    }

    private static IReadOnlyDictionary<string, string> Hashes(string source, string package)
    {
        using var compiled = new CompiledSource(source, package);
        return compiled.Jobs().ToDictionary(job => job.Key, job => job.Value.Hash);
    }

    private static string Compare(IReadOnlyDictionary<string, string> hashes) => string.Join(
        ' ',
        Original.Value.Keys.Where(job => hashes[job] != Original.Value[job]).Order(StringComparer.Ordinal));
}
