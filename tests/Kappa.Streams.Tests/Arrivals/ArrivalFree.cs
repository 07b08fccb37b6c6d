namespace Kappa.Streams.Tests.Arrivals;

/// <summary>A table of a golden job, as far as it may not depend on the order in which its records arrived.</summary>
/// <param name="Job">The job.</param>
/// <param name="Table">Its table.</param>
/// <param name="Without">Columns that follow the order of arrival by their own definition.</param>
internal sealed record ArrivalFree(string Job, string Table, params string[] Without)
{
    private static readonly string[] Decayed = ["sum", "trace"];

    /// <summary>What is compared.</summary>
    public static readonly IReadOnlyList<ArrivalFree> All =
    [
        new("minutes", "minutes", Decayed),
        new("grace", "grace", Decayed),
        new("overlapping", "hopping", Decayed),
        new("overlapping", "cumulating", Decayed),
        new("overlapping", "daily", Decayed),
        new("ordered", "ordered"),
        new("distinct", "distinct", Decayed),
        new("chain", "totals"),
        new("chain", "thirds"),
        new("chain", "digests"),
        new("chain", "latest"),
        new("sessions", "sessions", "trace"),
        new("ordered-sessions", "sessions"),
        new("ordered-sessions", "alike"),
        new("same", "most"),
        new("same", "busiest"),
        new("same", "top"),
        new("by-key", "by-key", Decayed),
        new("changing", "minutes", "trace"),
        new("changing", "visits", "trace"),
        new("as-of", "as-of"),
        new("backlog", "backlog"),
        new("unbounded", "days", "trace"),
        new("unbounded", "by-day"),
        new("aggregates", "sums"),
        new("aggregates", "ends", "first", "last"),
        new("aggregates", "means", "latest"),
        new("aggregates", "sketched"),
        new("joined", "pairs"),
        new("outer", "lefts"),
        new("outer", "all"),
        new("bounded", "bound"),
        new("merged", "ordered", "sum", "max", "trace"),
        new("merged", "again", "sum", "max", "trace"),
        new("retimed", "whenever", Decayed),
        new("detected", "loops"),
        new("detected", "rises"),
        new("detected", "absences"),
        new("detected", "fragile"),
    ];

    /// <summary>What is not, and why its definition lets it follow the order of arrival.</summary>
    public static readonly IReadOnlyDictionary<string, string> Excluded = new Dictionary<string, string>
    {
        ["graced/graced"] = "folds the traces of folds in order of arrival",
        ["running/running"] = "keeps the five that came last",
        ["chain/rounded"] = "keeps the row that came last",
        ["removing/removing"] = "begins anew behind the last that was divisible by five when it came",
        ["failing/silence"] = "a process that takes its timer back with each record that comes",
        ["sessions/digests"] = "folds the traces of states that merge in order of arrival",
        ["changing/thirds"] = "counts from the last that was removed when it came",
        ["aggregates/three"] = "of equal ones takes those that came first",
        ["aggregates/all"] = "lists equal ones as they came",
        ["aggregates/latest"] = "keeps what came last",
        ["joined/traces"] = "folds pairs as they were found",
        ["bounded/open"] = "refuses what comes when the rows of a side are full",
        ["bounded/selves"] = "folds pairs as they were found",
        ["merged/last"] = "keeps the row that came last",
        ["retimed/shifted"] = "what is late on the second axis of time depends on what came before it",
        ["retimed/merged"] = "what is late on the second axis of time depends on what came before it",
        ["quiet/minutes"] = "its watermark follows log time",
        ["quiet/said"] = "its timers are of log time",
        ["quiet/odd"] = "its timers are of log time",
        ["quiet/times"] = "its timers are of log time",
        ["looked/latest"] = "looks up what was known when it came",
        ["looked/valid"] = "looks up what was known when it came",
        ["preloaded/first"] = "looks up what was known when it came",
        ["referenced/asked"] = "looks up what was known when it came",
        ["referenced/rows"] = "reads a topic of which this log has nothing",
        ["referenced/thirds"] = "looks up what was known when it came",
        ["preloaded/fifths"] = "looks up what was known when it came",
    };
}
