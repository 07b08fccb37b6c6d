using Kappa.Log.Archives;

namespace Kappa.Log;

/// <summary>
/// A topic's sealed segments in a store, with their manifests. Read from the store when first asked for; a mirror adds
/// to it. Attach it to a log (<see cref="EmbeddedLog.Attach"/>), and readers get what the log has no more out of it.
/// </summary>
public sealed class Archive : IAsyncDisposable
{
    private readonly IArchiveStore _place;
    private readonly PatientStore _store;
    private readonly SemaphoreSlim _loading = new(1, 1);
    private readonly Lock _changing = new();
    private volatile Loaded? _loaded;
    private (LogId Log, int Topic)? _of;
    private volatile bool _isOther;

    /// <summary>An archive of a topic. Nothing is read yet.</summary>
    /// <param name="store">The store; closed with the archive.</param>
    /// <param name="topic">The topic.</param>
    /// <param name="patience">How long the store is waited for; null: the defaults.</param>
    public Archive(IArchiveStore store, string topic, ArchivePatience? patience = null)
    {
        ArgumentNullException.ThrowIfNull(store);
        patience ??= new ArchivePatience();
        patience.Check();
        Topic = topic;
        _place = store;
        _store = new PatientStore(store, patience);
    }

    /// <summary>The topic.</summary>
    public string Topic { get; }

    /// <summary>What operators call the store.</summary>
    public string StoreName => _store.Name;

    /// <summary>What was written there at least, of each partition: a store that shows less shows it late.</summary>
    public IReadOnlyList<ArchiveHead> Known { get; set; } = [];

    /// <summary>Set for an archive of the log this one was restored from; null: of this log.</summary>
    public Inheritance? Inherited { get; init; }

    internal PatientStore Store => _store;

    internal ArchiveOwner? Owner => _loaded?.Owner;

    /// <summary>The manifests of all partitions; empty while nothing was read.</summary>
    internal ArchiveManifest[] Manifests => _loaded?.Manifests ?? [];

    /// <summary>Reads whose it is and all manifests, once; again where asked to.</summary>
    /// <exception cref="KappaException">There is none; it is damaged; the store does not answer.</exception>
    public async ValueTask LoadAsync(bool again, CancellationToken cancel)
    {
        if (_loaded is not null && !again)
        {
            return;
        }

        await _loading.WaitAsync(cancel).ConfigureAwait(false);
        try
        {
            if (_loaded is not null && !again)
            {
                return;
            }

            var owner = await ReadOwnerAsync(cancel).ConfigureAwait(false) ?? throw new KappaException(
                ErrorKind.NotFound, $"'{StoreName}' has no archive of topic '{Topic}'.",
                "Name the store the topic is mirrored to.");
            Check(owner);
            Show(await LoadAsync(owner, cancel).ConfigureAwait(false));
        }
        finally
        {
            _loading.Release();
        }
    }

    /// <summary>Reads everything the manifests name and compares it with them.</summary>
    /// <param name="cancel">Ends it.</param>
    /// <returns>What is wrong, one sentence each; and how many segments and bytes were read.</returns>
    /// <exception cref="KappaException">There is no archive, or the store does not answer.</exception>
    public async ValueTask<(IReadOnlyList<string> Findings, int Segments, long Bytes)> VerifyAsync(
        CancellationToken cancel)
    {
        var findings = new List<string>();
        var segments = 0;
        var bytes = 0L;
        try
        {
            await LoadAsync(again: true, cancel).ConfigureAwait(false);
        }
        catch (KappaException damage) when (damage.Kind == ErrorKind.Corrupt)
        {
            return ([damage.Message], 0, 0);
        }

        foreach (var entry in Manifests.SelectMany(manifest => manifest.Entries))
        {
            try
            {
                var read = await FetchAsync(entry, (_, _) => { }, cancel).ConfigureAwait(false);
                segments++;
                bytes += read.Length;
            }
            catch (KappaException damage) when (damage.Kind == ErrorKind.Corrupt)
            {
                findings.Add(damage.Message);
            }
        }

        return (findings, segments, bytes);
    }

    /// <summary>The topics that have an archive in a store, as far as it lists them now.</summary>
    public static async ValueTask<IReadOnlyList<string>> TopicsAsync(
        IArchiveStore store, ArchivePatience? patience, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(store);
        var patient = new PatientStore(store, patience ?? new ArchivePatience());
        var found = new List<string>();
        foreach (var name in await patient.ListAsync("", cancel).ConfigureAwait(false))
        {
            if ((await patient.ListAsync(name, cancel).ConfigureAwait(false)).Contains("topic.json"))
            {
                found.Add(name);
            }
        }

        return [.. found.Order(StringComparer.Ordinal)];
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _place.DisposeAsync().ConfigureAwait(false);
        _loading.Dispose();
    }

    /// <summary>It shall be of this topic, and not of an earlier one of its name that was deleted.</summary>
    /// <exception cref="KappaException">It is known that it is not.</exception>
    internal void BelongTo(LogId log, int topicId)
    {
        _of = (Inherited?.Log ?? log, topicId);
        if (Owner is { } owner)
        {
            Check(owner);
        }
    }

    /// <summary>May it be of a topic, as far as is known?</summary>
    internal bool MayBeOf(int topicId) => !_isOther && (_of is null || _of.Value.Topic == topicId);

    internal ValueTask<ArchiveOwner?> ReadOwnerAsync(CancellationToken cancel) => _store.ReadAsync(
        ArchiveOwner.ObjectName(Topic), bytes => ArchiveOwner.Parse(bytes, StoreName, Topic), cancel);

    /// <summary>The mirror is its owner now: it knows what is there.</summary>
    internal async ValueTask LoadAsOwnerAsync(ArchiveOwner owner, CancellationToken cancel)
    {
        var loaded = await LoadAsync(owner, cancel).ConfigureAwait(false);
        lock (_changing)
        {
            _loaded = loaded;
        }
    }

    /// <summary>The store has a line more in a manifest, and says so.</summary>
    internal void Add(ArchiveManifest longer)
    {
        lock (_changing)
        {
            var manifests = Manifests.ToArray();
            manifests[longer.Partition] = longer;
            _loaded = _loaded! with { Manifests = manifests };
        }
    }

    /// <summary>The owner's line is another now.</summary>
    internal void Change(ArchiveOwner owner)
    {
        lock (_changing)
        {
            _loaded = new Loaded(owner, [.. Manifests.Select(manifest => manifest.Of(owner))]);
        }
    }

    /// <summary>
    /// Reads a segment, or what became of it: its manifest may have been read before it was written again (rule L10).
    /// </summary>
    /// <param name="entry">The segment.</param>
    /// <param name="into">Takes bytes and where they belong; an attempt begins with 0 again.</param>
    /// <param name="cancel">Gives up.</param>
    /// <returns>What was read.</returns>
    internal async ValueTask<ArchiveEntry> FetchAsync(
        ArchiveEntry entry, Action<ReadOnlyMemory<byte>, long> into, CancellationToken cancel)
    {
        while (true)
        {
            KappaException damage;
            try
            {
                await _store.FetchAsync(ObjectName(entry), entry, into, cancel).ConfigureAwait(false);
                return entry;
            }
            catch (KappaException found) when (found.Kind == ErrorKind.Corrupt)
            {
                damage = found;
            }

            entry = await RenewedAsync(entry, cancel).ConfigureAwait(false) ?? throw damage;
        }
    }

    /// <summary>What became of a segment, by the manifest as it is now; null: it is as it was.</summary>
    internal async ValueTask<ArchiveEntry?> RenewedAsync(ArchiveEntry entry, CancellationToken cancel)
    {
        await LoadAsync(again: true, cancel).ConfigureAwait(false);
        return Find(entry.Partition, entry.Number) is { } now && now.Revision > entry.Revision ? now : null;
    }

    internal ArchiveEntry? Find(int partition, int number) =>
        partition < Manifests.Length ? Manifests[partition].Find(number) : null;

    /// <summary>The object of a segment.</summary>
    internal string ObjectName(ArchiveEntry entry) =>
        ArchiveOwner.FolderOf(Topic, entry.Partition) + "/" + entry.ObjectName;

    private void Check(ArchiveOwner owner)
    {
        if (_of is not { } of || (owner.Log == of.Log && owner.TopicId == of.Topic))
        {
            return;
        }

        _isOther = true;
        throw new KappaException(
            ErrorKind.Conflict,
            owner.Log == of.Log
                ? $"'{StoreName}' is the archive of an earlier topic '{Topic}', which was deleted."
                : $"'{StoreName}' is the archive of topic '{Topic}' of another log ({owner.Log}), not of {of.Log}.",
            "Mirror the topic to an empty place; forget the mirror to this one with 'kappa mirror --remove'.");
    }

    private async ValueTask<Loaded> LoadAsync(ArchiveOwner owner, CancellationToken cancel)
    {
        var manifests = new ArchiveManifest[owner.Partitions];
        for (var number = 0; number < manifests.Length; number++)
        {
            var manifest = await ArchiveManifest.LoadAsync(
                _store, owner, number, number < Known.Count ? Known[number] : null, cancel).ConfigureAwait(false);
            manifests[number] = Inherited is { } inherited
                ? manifest.Where(entry => inherited.Has(number, entry.Number)) : manifest;
        }

        return new Loaded(owner, manifests);
    }

    // What was read may be older than what a mirror has written meanwhile.
    private void Show(Loaded read)
    {
        lock (_changing)
        {
            _loaded = _loaded is not { } there || there.Manifests.Length != read.Manifests.Length ? read : read with
            {
                Manifests = [.. read.Manifests.Zip(there.Manifests, (now, before) =>
                    before.Lines > now.Lines && before.Holds(now.Head) ? before : now)],
            };
        }
    }

    private sealed record Loaded(ArchiveOwner Owner, ArchiveManifest[] Manifests);
}
