using Kappa.Log;

namespace Kappa.Tables.Loop;

/// <content>How each record changes the catalog, and when it is refused (rule V5).</content>
public sealed partial record Catalog
{
    /// <summary>
    /// The catalog after one more record. Becoming Ready retires an earlier Ready version of the job that is not live:
    /// that is part of this fold, so that no crash can come between the two.
    /// </summary>
    /// <param name="record">The record.</param>
    /// <param name="place">Its place, behind <see cref="Place"/>.</param>
    /// <exception cref="KappaException">
    /// The record is not legal after the ones before: Conflict or Invalid, and why.
    /// </exception>
    public Catalog Apply(JournalRecord record, Place place)
    {
        if (place <= Place)
        {
            throw Refused($"A journal record at {place} cannot follow the one at {Place}", "Run 'kappa verify'.");
        }

        var next = record switch
        {
            VersionMade made => Apply(made, place),
            VersionReady ready => Apply(ready, place),
            VersionFailed failed => Apply(failed, place),
            Marked mark => Apply(mark),
            Switching switching => Apply(switching, place),
            Switched switched => Apply(switched, place),
            Abandoned abandoned => Apply(abandoned),
            VersionRetired retired => Apply(retired, place),
            VersionDropped dropped => Apply(dropped, place),
            LogRepaired repaired => Apply(repaired),
            _ => throw new KappaException(
                ErrorKind.Corrupt, $"The journal holds a record of kind {record.GetType().Name}, unknown here.",
                "Upgrade Kappa."),
        };
        return next with { Place = place };
    }

    private Catalog Apply(LogRepaired repaired) => Repairs.Contains((repaired.Id, repaired.At))
        ? throw Refused($"Repair {repaired.Id} of the log is in the journal already", "Nothing is to be done.")
        : this with { Repairs = Repairs.Add((repaired.Id, repaired.At)) };

    private Catalog Apply(VersionMade made, Place place)
    {
        Kappa.Log.Names.Check("job", made.Version.Job);
        SchemaRules.Check(made.Tables);
        var number = NextNumber(made.Version.Job);
        if (made.Version.Number != number)
        {
            throw Refused(
                $"{made.Version} cannot be made: the next version of the job is number {number}",
                "Deploy or reprocess again.");
        }

        foreach (var table in made.Tables)
        {
            var owner = Versions.FirstOrDefault(v => v.Version.Job != made.Version.Job
                && v.State != VersionState.Dropped && v.Made.Tables.Any(t => t.Name == table.Name));
            if (owner is not null)
            {
                throw Refused(
                    $"The table '{table.Name}' of {made.Version} belongs to {owner.Version}",
                    "Give the table another name, or drop every version of the other job that has it.");
            }
        }

        foreach (var output in made.Outputs)
        {
            if (OutputOwner(output.Topic) is { } owner && owner != made.Version.Job)
            {
                throw Refused(
                    $"The topic '{output.Topic}', which {made.Version} would write, belongs to job '{owner}'",
                    "Give the output another name.");
            }
        }

        if (made.PublishHistory)
        {
            CheckHistory([.. made.Outputs.Select(output => output.Topic)], made.Version.ToString());
        }

        CheckAgreed(made.Version.Job, made.Outputs, made.PublishHistory);
        return With(new CatalogVersion(made, place, VersionState.Reprocessing, place, null));
    }

    private Catalog Apply(VersionReady ready, Place place)
    {
        var version = Must(ready.Version, "become ready", VersionState.Reprocessing);
        if (PendingSwitch is { } pending && pending.Record.Names.Any(v => v.Job == version.Version.Job))
        {
            throw Refused(
                $"{version.Version} cannot become ready while switch '{pending.Record.Id}' of its job is undecided",
                "Wait until the switch is decided.");
        }

        if (Live(version.Version.Job) is null)
        {
            return Go(version, VersionState.Live, place).Own(
                version.Version, place, HistoryOf(version, isAsked: false));
        }

        var next = Ready(version.Version.Job) is { } earlier ? Go(earlier, VersionState.Retired, place) : this;
        return next.Go(version, VersionState.Ready, place);
    }

    private Catalog Apply(VersionFailed failed, Place place)
    {
        var version = Must(
            failed.Version, "fail", VersionState.Reprocessing, VersionState.Ready, VersionState.Live);
        return With(version with
        {
            State = VersionState.Failed,
            Since = place,
            Error = failed.Error,
            StoppedAt = failed.Place,
        });
    }

    private Catalog Apply(Marked mark)
    {
        if (mark.Versions.Count == 0 || mark.Versions.Distinct().Count() != mark.Versions.Count)
        {
            throw new KappaException(
                ErrorKind.Invalid, $"The mark '{mark.Id}' must name one or more versions, each once.", "Name them.");
        }

        foreach (var version in mark.Versions)
        {
            Must(version, "meet at a mark", VersionState.Reprocessing, VersionState.Ready, VersionState.Live);
        }

        return this;
    }

    private Catalog Apply(Switching switching, Place place)
    {
        if (PendingSwitch is { } pending)
        {
            throw Refused(
                $"Switch '{pending.Record.Id}' to {string.Join(", ", pending.Record.To)} is undecided",
                $"Wait until it is decided, at the latest at {pending.Record.Deadline:u}.");
        }

        var jobs = switching.To.Select(v => v.Job).ToList();
        if (jobs.Count == 0 || jobs.Distinct().Count() != jobs.Count)
        {
            throw new KappaException(
                ErrorKind.Invalid, "A switch goes to one or more versions of different jobs.",
                "Name one version of each job.");
        }

        foreach (var to in switching.To)
        {
            Must(to, "go live", VersionState.Ready);
        }

        var left = jobs.Select(Live).OfType<CatalogVersion>().Select(v => v.Version).ToHashSet();
        if (switching.From.Count != left.Count || !left.SetEquals(switching.From))
        {
            throw Refused(
                $"The switch leaves {Listed(switching.From)}, but live are {Listed(left)}",
                "Look at 'kappa jobs' and switch again.");
        }

        if (switching.PublishHistory)
        {
            CheckHistory(OutputsOf(switching.To), Listed(switching.To));
        }

        return this with { PendingSwitch = new PendingSwitch(switching, place) };
    }

    private Catalog Apply(Switched switched, Place place)
    {
        var pending = MustBePending(switched.Id);
        foreach (var to in pending.Record.To)
        {
            Must(to, "go live", VersionState.Ready);
        }

        if (switched.At != HandOver(pending))
        {
            throw Refused(
                $"Switch '{switched.Id}' hands over at {HandOver(pending)}, not at {switched.At}",
                "Run the switch again.");
        }

        var next = this with { PendingSwitch = null };
        foreach (var from in pending.Record.From.Select(v => ByVersion[v]).Where(v => v.State == VersionState.Live))
        {
            next = next.Go(from, VersionState.Ready, place);
        }

        foreach (var to in pending.Record.To)
        {
            var after = Live(to.Job) is { } old ? HandOver(pending, old) : pending.Mark;
            var history = HistoryOf(ByVersion[to], pending.Record.PublishHistory);
            next = next.Go(ByVersion[to], VersionState.Live, place).Own(to, after, history);
        }

        return next;
    }

    private Catalog Apply(Abandoned abandoned)
    {
        MustBePending(abandoned.Id);
        return this with { PendingSwitch = null };
    }

    private Catalog Apply(VersionRetired retired, Place place)
    {
        var version = Must(retired.Version, "retire", VersionState.Ready);
        RefusePending(version.Version);
        return Go(version, VersionState.Retired, place);
    }

    private Catalog Apply(VersionDropped dropped, Place place)
    {
        var version = Must(
            dropped.Version, "be dropped", VersionState.Reprocessing, VersionState.Retired, VersionState.Failed);
        RefusePending(version.Version);
        if (Live(version.Version.Job) == version)
        {
            throw Refused(
                $"{version.Version} has failed, but readers still see its tables", "Switch to another version first.");
        }

        return Go(version, VersionState.Dropped, place);
    }

    /// <summary>
    /// H of a switch (rule V6): its mark, or the lowest place where an owner that failed before it stopped.
    /// </summary>
    public Place HandOver(PendingSwitch pending) =>
        pending.Record.From.Select(v => HandOver(pending, ByVersion[v])).Append(pending.Mark).Min();

    private static Place HandOver(PendingSwitch pending, CatalogVersion from) =>
        from.StoppedAt is { } stopped && stopped < pending.Mark ? stopped : pending.Mark;

    private CatalogVersion Must(JobVersion version, string what, params ReadOnlySpan<VersionState> states)
    {
        var found = Find(version)
            ?? throw new KappaException(
                ErrorKind.NotFound, $"There is no version {version}.", "Run 'kappa jobs' for the versions there are.");
        if (!states.Contains(found.State))
        {
            throw Refused(
                $"{version} is {found.State.ToString().ToLowerInvariant()} and cannot {what}: it must be "
                + string.Join(" or ", states.ToArray().Select(s => s.ToString().ToLowerInvariant())),
                "Run 'kappa jobs' for what each version is.");
        }

        return found;
    }

    private PendingSwitch MustBePending(string id) => PendingSwitch is { } pending && pending.Record.Id == id
        ? pending
        : throw Refused($"No switch '{id}' is undecided", "Run 'kappa jobs' for what is live.");

    private void RefusePending(JobVersion version)
    {
        if (PendingSwitch is { } pending && pending.Names(version))
        {
            throw Refused(
                $"{version} is part of switch '{pending.Record.Id}', which is undecided", "Wait until it is decided.");
        }
    }

    private Catalog With(CatalogVersion version) =>
        this with { ByVersion = ByVersion.SetItem(version.Version, version) };

    private Catalog Go(CatalogVersion version, VersionState state, Place place) =>
        With(version with { State = state, Since = place });

    private Catalog Own(JobVersion version, Place after, IReadOnlyList<string> history)
    {
        var owners = OwnersByJob.GetValueOrDefault(version.Job) ?? [];
        if (owners.Count > 0)
        {
            owners = owners.SetItem(owners.Count - 1, owners[^1] with { UpTo = after });
        }

        return this with
        {
            OwnersByJob = OwnersByJob.SetItem(
                version.Job, owners.Add(new Ownership(version, after, null) { History = history })),
        };
    }

    private static string Listed(IEnumerable<JobVersion> versions)
    {
        var text = string.Join(", ", versions);
        return text.Length == 0 ? "none" : text;
    }

    private static KappaException Refused(string why, string next) =>
        new(ErrorKind.Conflict, why + ".", next);
}
