namespace Kappa.Log;

/// <summary>The topics of an open log: immutable, replaced as a whole when one is created or completed.</summary>
internal sealed class TopicTable
{
    public const int PartitionsMax = 1_024;
    private readonly Manifest _manifest;
    private readonly Dictionary<string, LogTopic> _byName;

    private TopicTable(Manifest manifest, IEnumerable<LogTopic> topics)
    {
        _manifest = manifest;
        All = [.. topics.OrderBy(topic => topic.Name, StringComparer.Ordinal)];
        _byName = All.ToDictionary(topic => topic.Name, StringComparer.Ordinal);
    }

    public LogId Id => _manifest.Id;

    /// <summary>Where a partition begins, as the manifest has it.</summary>
    public PartitionStart StartOf(int topicId, int partition) => _manifest.StartOf(topicId, partition);

    /// <summary>In order of name.</summary>
    public LogTopic[] All { get; }

    /// <summary>Topics whose completion was asked for and may or may not be in the log.</summary>
    public IEnumerable<ManifestTopic> Asked => _manifest.Topics.Where(topic => topic.Ending == TopicEnding.Asked);

    /// <summary>The manifest without the topics that are dropped: what a copy of the log has.</summary>
    public Manifest Kept => _manifest with
    {
        Topics = [.. _manifest.Topics.Where(topic => topic.Ending != TopicEnding.Dropped)],
    };

    /// <exception cref="KappaException">There is no such topic.</exception>
    public LogTopic this[string name] => _byName.TryGetValue(name, out var topic)
        ? topic
        : throw new KappaException(
            ErrorKind.NotFound,
            $"There is no topic '{name}'.",
            $"Create it with 'kappa topics create {name}', or name one of 'kappa topics'.");

    /// <summary>Reads the manifest, or makes a fresh log.</summary>
    public static TopicTable Open(LogOptions options)
    {
        var manifest = Manifest.Read(options.Files, options.Folder);
        if (manifest is null)
        {
            if (options.Files.Exists(Path.Combine(options.Folder, "topics")))
            {
                throw new KappaException(
                    ErrorKind.Corrupt,
                    $"'{options.Folder}' holds records, but its {Manifest.FileName} is missing.",
                    $"Restore {Manifest.FileName} from a backup.");
            }

            // Refuses a wall clock that is wrong before anything is written.
            _ = new LogClock(options.Time, 0);
            manifest = new Manifest(
                new LogId(Guid.NewGuid()),
                [new(1, Names.Clock, 1, TopicEnding.None), new(2, Names.Lifecycle, 1, TopicEnding.None)]);
            manifest.Write(options.Files, options.Folder);
            options.Files.CreateFolder(Path.Combine(options.Folder, "topics"));
            options.Files.SyncFolder(options.Folder);
            if (Path.GetDirectoryName(options.Folder) is { } parent)
            {
                options.Files.SyncFolder(parent);
            }
        }

        else if (manifest.Format < Manifest.FormatVersion)
        {
            // Before anything is written that an older program would take for damage: it refuses this manifest.
            manifest = manifest with { Format = Manifest.FormatVersion };
            manifest.Write(options.Files, options.Folder);
        }

        var table = new TopicTable(
            manifest,
            manifest.Topics.Where(topic => topic.Ending != TopicEnding.Dropped)
                .Select(topic => Make(topic, manifest.Id, options)));
        return table.DeleteDropped(options);
    }

    public static void RefusePlatforms(string name)
    {
        if (name.StartsWith("_kappa.", StringComparison.Ordinal))
        {
            throw new KappaException(
                ErrorKind.Invalid,
                $"Topic '{name}' is the platform's own:"
                    + " names that begin with '_kappa.' cannot be created or completed.",
                "Choose a name of your own.");
        }
    }

    /// <summary>Creates a topic durably; the same topic again changes nothing.</summary>
    public TopicTable Create(CreateTopic create, LogOptions options)
    {
        RefusePlatforms(create.Name);
        if (!Names.IsDerived(create.Name))
        {
            Names.Check("topic", create.Name);
        }

        if (create.Partitions is < 1 or > PartitionsMax)
        {
            throw new KappaException(
                ErrorKind.Invalid,
                $"Topic '{create.Name}' cannot have {create.Partitions} partitions; allowed are 1 to {PartitionsMax}.",
                "Choose a number in that range; it is fixed for ever.");
        }

        create.Settings?.Check(create.Name);
        if (_byName.TryGetValue(create.Name, out var there))
        {
            return Same(there, create);
        }

        var added = new ManifestTopic(_manifest.NextId, create.Name, create.Partitions, TopicEnding.None)
        {
            Settings = create.Settings ?? TopicSettings.Default,
        };
        var manifest = _manifest with { Topics = [.. _manifest.Topics, added], NextId = _manifest.NextId + 1 };
        manifest.Write(options.Files, options.Folder);
        return new TopicTable(manifest, All.Append(Make(added, manifest.Id, options)));
    }

    /// <summary>Changes durably how a topic is kept.</summary>
    public TopicTable Set(SetTopic set, LogOptions options)
    {
        RefusePlatforms(set.Name);
        set.Settings.Check(set.Name);
        var topic = this[set.Name];
        var table = With(topic, entry => entry with { Settings = set.Settings }, options);
        topic.Settings = set.Settings;
        return table;
    }

    /// <summary>Notes durably how far a topic's completion has come.</summary>
    public TopicTable With(string name, TopicEnding ending, LogOptions options)
    {
        var table = With(this[name], entry => entry with { Ending = ending }, options);
        return ending == TopicEnding.Dropped
            ? new TopicTable(table._manifest, All.Where(topic => topic.Name != name))
            : table;
    }

    /// <summary>Notes durably where partitions of a topic begin from now on (rule L9).</summary>
    public TopicTable With(LogTopic topic, IReadOnlyList<PartitionStart> starts, LogOptions options) => With(
        topic,
        entry => entry with
        {
            Starts = [.. entry.Starts.Where(old => starts.All(start => start.Partition != old.Partition))
                .Concat(starts).OrderBy(start => start.Partition)],
        },
        options);

    private TopicTable With(LogTopic topic, Func<ManifestTopic, ManifestTopic> change, LogOptions options)
    {
        var entry = _manifest.Topics.Single(one => one.Id == topic.Id);
        var changed = change(entry);
        if (changed == entry)
        {
            return this;
        }

        // By its id: one of this name that was deleted before may still be listed.
        var manifest = _manifest with
        {
            Topics = [.. _manifest.Topics.Select(one => one.Id == topic.Id ? changed : one)],
        };
        manifest.Write(options.Files, options.Folder);
        return new TopicTable(manifest, All);
    }

    private TopicTable Same(LogTopic there, CreateTopic create)
    {
        if (there.Partitions.Length != create.Partitions)
        {
            throw new KappaException(
                ErrorKind.Conflict,
                $"Topic '{create.Name}' exists with {there.Partitions.Length} partitions, not {create.Partitions}.",
                "Use it as it is, or choose another name: the number of partitions is fixed for ever.");
        }

        if (create.Settings is { } settings && settings != there.Settings)
        {
            throw new KappaException(
                ErrorKind.Conflict,
                $"Topic '{create.Name}' exists with other settings: it is {there.Settings}; asked for is {settings}.",
                $"Use it as it is, or change it with 'kappa topics set {create.Name}'.");
        }

        return this;
    }

    /// <summary>
    /// Deletes the files of topics that the manifest calls dropped, then forgets them: a crash in between is finished
    /// by the next opening.
    /// </summary>
    public TopicTable DeleteDropped(LogOptions options)
    {
        var dropped = _manifest.Topics.Where(topic => topic.Ending == TopicEnding.Dropped).ToList();
        if (dropped.Count == 0)
        {
            return this;
        }

        foreach (var topic in dropped)
        {
            for (var number = 0; number < topic.Partitions; number++)
            {
                var folder = Manifest.PartitionFolder(options.Folder, topic.Id, number);
                var names = options.Files.List(folder);
                foreach (var name in names)
                {
                    options.Files.Delete(Path.Combine(folder, name));
                }

                if (names.Count > 0)
                {
                    options.Files.SyncFolder(folder);
                }
            }
        }

        var manifest = _manifest with { Topics = [.. _manifest.Topics.Except(dropped)] };
        manifest.Write(options.Files, options.Folder);
        return new TopicTable(manifest, All);
    }

    private static LogTopic Make(ManifestTopic topic, LogId id, LogOptions options) => new(
        topic.Id,
        topic.Name,
        [.. Enumerable.Range(0, topic.Partitions).Select(number => new Partition(
            id, topic.Id, topic.Name, number,
            Manifest.PartitionFolder(options.Folder, topic.Id, number), options.Files))],
        topic.Ending == TopicEnding.Complete,
        topic.Settings);
}
