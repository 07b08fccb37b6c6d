using Kappa.Log;
using Kappa.Tables;
using Kappa.Tables.Loop;

namespace Kappa.Server;

/// <summary>
/// Reads under rule V7: one immutable catalog decides which version answers, and the answer is one state of it. Where the
/// version was dropped in between, a fresh catalog decides again.
/// </summary>
internal sealed class Reading(Platform platform)
{
    private const int TriesMax = 5;

    /// <summary>Reads of the version a catalog leads to.</summary>
    /// <param name="choose">Which version, by one catalog.</param>
    /// <param name="read">Reads it.</param>
    public async ValueTask<T> OfAsync<TChosen, T>(
        Func<Catalog, TChosen> choose, Func<TChosen, ValueTask<T>> read)
    {
        for (var attempt = 1; ; attempt++)
        {
            var catalog = platform.Journal.Catalog;
            var chosen = choose(catalog);
            try
            {
                return await read(chosen);
            }
            catch (KappaException gone) when (gone.Kind is ErrorKind.NotFound or ErrorKind.Unavailable
                && attempt < TriesMax && !ReferenceEquals(platform.Journal.Catalog, catalog))
            {
                // The catalog has moved on since it was taken: the version may be gone rightly.
            }
        }
    }

    /// <summary>The version that shall answer a question: one that is named, or the owner of the tables it names.</summary>
    public static CatalogVersion Choose(Catalog catalog, string sql, string? job, string? table)
    {
        if (table is not null)
        {
            return catalog.Resolve(Checked("table", table)).Version;
        }

        if (job is not null)
        {
            return ChooseNamed(catalog, Checked("job", job));
        }

        var owners = catalog.AllLive
            .Select(version => catalog.Find(version)!)
            .Where(version => version.Made.Tables.Any(one => SqlWords.Names(sql, one.Name)))
            .ToList();
        return owners.Count switch
        {
            1 => owners[0],
            0 => throw new KappaException(
                ErrorKind.NotFound, "The question names no table of a live version.",
                Known(catalog) + " Quote names with '-' as \"a-b\"; name a version with 'job' or 'table' ('kappa query --of')."),
            _ => throw new KappaException(
                ErrorKind.Invalid,
                $"The question names tables of several jobs: {string.Join(", ", owners.Select(one => one.Version.Job))}.",
                "Ask one job at a time; say which with 'job' ('kappa query --of')."),
        };
    }

    private static CatalogVersion ChooseNamed(Catalog catalog, string named)
    {
        if (named.Contains('@', StringComparison.Ordinal))
        {
            return catalog.ResolveVersion(named);
        }

        return catalog.Live(named) ?? (catalog.FindTable(named) is { } table
            ? table.Version
            : throw new KappaException(
                ErrorKind.NotFound, $"There is no live version of a job, and no table, '{named}'.", Known(catalog)));
    }

    /// <summary>A name, or a name with a version, within the rule of names.</summary>
    public static string Checked(string what, string text)
    {
        if (text.Contains('@', StringComparison.Ordinal))
        {
            JobVersion.Parse(text);
        }
        else
        {
            Names.Check(what, text);
        }

        return text;
    }

    private static string Known(Catalog catalog)
    {
        var tables = catalog.AllLive.SelectMany(version => catalog.Find(version)!.Made.Tables.Select(table => table.Name)).ToList();
        return tables.Count == 0 ? "No version is live yet: see 'kappa jobs'." : $"Live tables are: {string.Join(", ", tables)}.";
    }
}
