namespace Kappa.Log;

/// <summary>
/// What is known of producers and their requests (rule L8). The committer's own; not safe for others.
/// </summary>
internal sealed class Producers(LogOptions options)
{
    private readonly Dictionary<string, LinkedListNode<Known>> _known = new(StringComparer.Ordinal);
    private readonly LinkedList<Known> _byLastRequest = new();

    public int Count => _known.Count;

    /// <summary>What to do with a request of a producer, given what was taken before.</summary>
    /// <exception cref="KappaException">It contradicts what was taken before.</exception>
    public Verdict Judge(PreparedRequest prepared)
    {
        var request = prepared.Request;
        if (!_known.TryGetValue(request.Producer!, out var node))
        {
            return new Verdict(null, null);
        }

        var known = node.Value;
        if (known.Requests.TryGetValue(request.Number, out var taken))
        {
            if (taken.Hash != prepared.ContentHash)
            {
                throw Refused(
                    $"Producer '{request.Producer}' has used number {request.Number} for other content.",
                    $"Send new content under number {known.Last + 1}.");
            }

            return taken.IsWhole ? new Verdict(taken.ToAppended(), null) : new Verdict(null, taken);
        }

        if (request.Number <= known.Last)
        {
            throw Refused(
                $"Number {request.Number} of producer '{request.Producer}' is before its last, {known.Last},"
                    + " and no longer remembered.",
                $"Go on with number {known.Last + 1}.");
        }

        if (!known.Requests[known.Last].IsWhole)
        {
            throw Refused(
                $"Number {known.Last} of producer '{request.Producer}' is only half written.",
                $"Repeat request {known.Last} first; that completes it.");
        }

        if (request.Number != known.Last + 1)
        {
            throw Refused(
                $"Number {request.Number} of producer '{request.Producer}' leaves a gap: {known.Last + 1} is expected.",
                $"Send number {known.Last + 1}.");
        }

        return new Verdict(null, null);
    }

    /// <summary>Remembers that a part of a request is durable.</summary>
    public void Note(in KnownBatch of)
    {
        var (producer, number, hash, part, parts, cutBytes, batch) = of;
        if (!_known.TryGetValue(producer, out var node))
        {
            node = new LinkedListNode<Known>(new Known(producer));
            _known.Add(producer, node);
        }
        else
        {
            _byLastRequest.Remove(node);
        }

        _byLastRequest.AddLast(node);
        var known = node.Value;
        if (!known.Requests.TryGetValue(number, out var taken))
        {
            taken = new Taken(hash, new AppendedBatch[parts], cutBytes);
            known.Requests.Add(number, taken);
            known.Last = Math.Max(known.Last, number);
            known.Numbers.Enqueue(number);
            if (known.Numbers.Count > options.RequestsKeptPerProducer)
            {
                known.Requests.Remove(known.Numbers.Dequeue());
            }
        }

        known.LastTime = Math.Max(known.LastTime, batch.LogTime);
        if (part < taken.Batches.Length)
        {
            taken.Batches[part] = batch;
        }
    }

    /// <summary>Everything that is remembered, batch by batch.</summary>
    public IEnumerable<KnownBatch> All() =>
        from known in _byLastRequest
        from request in known.Requests
        from part in Enumerable.Range(0, request.Value.Batches.Length)
        where request.Value.Batches[part].Count > 0
        select new KnownBatch(
            known.Name, request.Key, request.Value.Hash, part, request.Value.Batches.Length, request.Value.CutBytes,
            request.Value.Batches[part]);

    /// <summary>Forgets who has been silent for too long, and the longest silent when there are too many.</summary>
    public void Forget(long logTime)
    {
        var silentSince = logTime - options.ProducerMemory.Ticks;
        for (var node = _byLastRequest.First; node is not null;)
        {
            var next = node.Next;
            var isPlatforms = node.Value.Name[0] == '_';
            if (!isPlatforms)
            {
                if (node.Value.LastTime >= silentSince && _known.Count <= options.ProducersMax)
                {
                    break;
                }

                _known.Remove(node.Value.Name);
                _byLastRequest.Remove(node);
            }

            node = next;
        }
    }

    private static KappaException Refused(string message, string next) => new(ErrorKind.Conflict, message, next);

    /// <summary>
    /// The old places when it was taken, the half-written request when it is to be completed, or neither: new.
    /// </summary>
    internal readonly record struct Verdict(Appended? Repeated, Taken? Half);

    /// <summary>A request of which at least one part is durable.</summary>
    internal sealed record Taken(UInt128 Hash, AppendedBatch[] Batches, int CutBytes)
    {
        public bool IsWhole => Array.TrueForAll(Batches, batch => batch.Count > 0);

        public Appended ToAppended() => new([.. Batches.OrderBy(batch => batch.LogTime)], Repeated: true);
    }

    private sealed class Known(string name)
    {
        public string Name { get; } = name;

        public long Last { get; set; } = -1;

        public long LastTime { get; set; }

        public Dictionary<long, Taken> Requests { get; } = [];

        public Queue<long> Numbers { get; } = new();
    }
}
