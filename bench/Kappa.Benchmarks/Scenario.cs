using Kappa.Streams;

namespace Kappa.Benchmarks;

/// <summary>One measurement: a job over a log, and what DuckDB is asked for the same.</summary>
/// <param name="Name">How it is called on the command line.</param>
/// <param name="Job">The job.</param>
/// <param name="Events">Which events.</param>
/// <param name="Prepare">SQL that makes DuckDB's table, where it is not there.</param>
/// <param name="Query">SQL that gives n, c, s and m: rows, and the totals of count, sum and maximum.</param>
internal sealed record Scenario(string Name, Job Job, EventKind Events, string[] Prepare, string Query)
{
    public int Workers { get; init; } = 1;

    public int Partitions { get; init; } = 1;

    public static IEnumerable<Scenario> All(long events, string jsonFile)
    {
        var ticks = "create table if not exists ticks as "
            + Ticks.Sql.Replace("EVENTS", events.ToString(System.Globalization.CultureInfo.InvariantCulture),
                StringComparison.Ordinal);
        string[] named =
        [
            ticks,
            "create table if not exists names as select \"at\", value, 'sensor-' || lpad(medium::varchar, 8, '0') "
            + "as name from ticks",
        ];
        yield return new("1k", Jobs.Small, EventKind.Ticks, [ticks], Minutes("ticks", "small"));
        yield return new("100k", Jobs.Medium, EventKind.Ticks, [ticks], Minutes("ticks", "medium"));
        yield return new("1m", Jobs.Large, EventKind.Ticks, [ticks], Minutes("ticks", "large"));
        yield return new("names", Jobs.Named, EventKind.Names, named, Minutes("names", "name"));
        var json = Minutes($"read_json('{jsonFile}', columns = "
            + "{ts: 'BIGINT', k2: 'INTEGER', value: 'DOUBLE'}, format = 'newline_delimited')", "k2", "ts");
        yield return new("json", Jobs.Json, EventKind.Json, [], json);
        yield return new("binary", Jobs.JsonAsBinary, EventKind.JsonAsBinary, [], json);
        yield return new("projection", Jobs.Json, EventKind.JsonTwins, [], json);
        yield return new("hopping", Jobs.Hopping, EventKind.Ticks, [ticks],
            Minutes("(select \"at\" + r.i * 150000000 as \"at\", value, small from ticks, range(4) r(i))", "small",
                slide: 150_000_000));
        yield return new("map", Jobs.Mapped, EventKind.Ticks, [ticks], """
            select count(*) n, count(*)::bigint c, sum(f) s, max(f) m from (
                select value * 1.8 + 32 f from ticks where value >= 99)
            """);
        yield return new("session", Jobs.Sessions, EventKind.Ticks, [ticks], """
            select count(*) n, sum(c)::bigint c, sum(s) s, max(m) m from (
                select medium, island, count(*) c, sum(value) s, max(value) m from (
                    select medium, value, sum(fresh) over (
                        partition by medium order by "at" rows unbounded preceding) island
                    from (select medium, value, "at",
                        case when "at" - lag("at") over (partition by medium order by "at")
                        <= 30000000 then 0 else 1 end fresh from ticks where value >= 10))
                group by 1, 2)
            """);
        yield return new("join", Jobs.Joined, EventKind.Ticks, [ticks], """
            select count(*) n, count(*)::bigint c, sum(l.value - r.value) s, max(l.value - r.value) m
            from (select * from ticks where value >= 90) l join (select * from ticks where value < 10) r
            on l.medium = r.medium and r."at" between l."at" - 10000000 and l."at" + 10000000
            """);
        yield return new("pattern", Jobs.Swings, EventKind.Ticks, [ticks], """
            select count(*) n, count(*)::bigint c, sum(value + third) s, max(value + third) m from (
                select value, "at", lead(value, 1) over key middle, lead(value, 2) over key third,
                    lead("at", 2) over key ended
                from ticks window key as (partition by medium order by "at", i))
            where value >= 80 and middle < 20 and third >= 80 and ended - "at" < 50000000
            """);
        yield return new("1k-2-workers", Jobs.Small, EventKind.Ticks, [ticks], Minutes("ticks", "small"))
        {
            Workers = 2,
        };
        yield return new("100k-2-workers", Jobs.Medium, EventKind.Ticks, [ticks], Minutes("ticks", "medium"))
        {
            Workers = 2,
        };
        yield return new("100k-8-partitions", Jobs.Medium, EventKind.Ticks, [ticks], Minutes("ticks", "medium"))
        {
            Partitions = 8,
        };
    }

    private static string Minutes(string from, string key, string time = "\"at\"", long slide = 600_000_000) => $"""
        select count(*) n, sum(c)::bigint c, sum(s) s, max(m) m from (
            select {time} // {slide} w, {key} k, count(*) c, sum(value) s, max(value) m from {from}
            where value >= 10 group by 1, 2)
        """;
}

/// <summary>What is in a log.</summary>
internal enum EventKind
{
    /// <summary>40 bytes, read in place.</summary>
    Ticks,

    /// <summary>32 bytes with a short text.</summary>
    Names,

    /// <summary>JSON of nine properties.</summary>
    Json,

    /// <summary>The same events in the binary form.</summary>
    JsonAsBinary,

    /// <summary>The same JSON, read out of its projections.</summary>
    JsonTwins,
}
