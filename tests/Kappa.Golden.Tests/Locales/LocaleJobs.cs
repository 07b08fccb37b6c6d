#pragma warning disable CA1304, CA1305, CA1309, CA1310, CA1311 // Culture-sensitive calls are what is tested here.
using System.Collections.Immutable;
using System.Globalization;
using Kappa.Streams;

namespace Kappa.Golden.Tests.Locales;

/// <summary>An event whose texts and times mean something else in another place.</summary>
public sealed record Sale(
    string Town, DateTimeOffset At, DateTime Local, string Amount, string Day, double Price,
        Dictionary<string, double> Parts);

/// <summary>All that a culture, a time zone or a hash seed could change.</summary>
public sealed record Statement(
    string Text, DateTime Local, ImmutableDictionary<string, double> Parts, ImmutableHashSet<string> Tags,
        Dictionary<string, double> Last);

/// <summary>Names as they were sorted when the last one came.</summary>
public sealed record Sorted(ImmutableList<string> Names, string Line);

/// <summary>Jobs of people who do not think of cultures.</summary>
internal static class LocaleJobs
{
    /// <summary>The same whether the runtime has culture data (ICU) or not.</summary>
    public static readonly Job Statements = Job.Define("statements", flow => flow
        .From<Sale>("sales", eventTime: sale => sale.At,
            lateness: TimeSpan.FromSeconds(5), maxAhead: TimeSpan.FromDays(9999))
        .KeyBy(sale => sale.Town.ToUpper())
        .Aggregate(Account.None, (account, sale) => account.Add(sale))
        .Select(account => account.State())
        .ToTable("statements", statement => statement.Text.Split('|')[0]));

    /// <summary>Uses the sort order of the culture data: the same wherever there is the same ICU.</summary>
    public static readonly Job Names = Job.Define("names", flow => flow
        .From<Sale>("sales", eventTime: sale => sale.At)
        .KeyBy(sale => sale.Day)
        .Aggregate(new Sorted([], ""), (sorted, sale) => sorted.Names.Contains(sale.Town) ? sorted
            : new Sorted(sorted.Names.Add(sale.Town), string.Join(' ', sorted.Names.Add(sale.Town).Order())
                + (string.Compare(sale.Town, "izmir") < 0 ? " <" : " >=")))
        .ToTable("names"));

    public static IReadOnlyList<Job> All => [Statements, Names];
}

/// <summary>The state behind a statement.</summary>
public sealed record Account(
    ImmutableDictionary<string, double> Parts, string Text, DateTime Local,
        ImmutableHashSet<string> Tags, double Last)
{
    public static readonly Account None = new(ImmutableDictionary<string, double>.Empty, "", default, [], 0);

    public Account Add(Sale sale)
    {
        var parts = Parts;
        foreach (var (name, number) in sale.Parts)
        {
            parts = parts.SetItem(name, parts.GetValueOrDefault(name) + number);
        }

        return new Account(
            parts,
            $"{sale.Town.ToUpper()}|{sale.Price:N2}|{sale.Price}|{double.Parse(sale.Amount) + 1}|"
                + $"{DateTime.Parse(sale.Day):yyyy-MM-dd}|{DateTime.Parse(sale.Day)}|{sale.At}|{0.1 + 0.2}|"
                + $"{sale.Town.Contains('i')}|{"TITLE".ToLower()}|{sale.At.UtcDateTime.DayOfWeek}|"
                + CultureInfo.CurrentCulture.Name,
            sale.Local, Tags.Add(sale.Town).Add(sale.Day), sale.Price);
    }

    public Statement State() =>
        new(Text, Local, Parts, Tags, new Dictionary<string, double> { ["last"] = Last, ["first"] = 1 });
}
