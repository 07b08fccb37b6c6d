namespace Kappa.Log;

/// <summary>
/// Requests that are stamped, written, synced and decided together (rule L2). A request waits for the next group when
/// it would follow one of its producer in this group on another partition: what a crash leaves is then always a prefix.
/// </summary>
internal sealed class CommitGroup(
    LogClock clock, Producers producers, LogOptions options, GroupBuffer buffer)
{
    private const int SyncsAtOnceMax = 8;
    private readonly List<Member> _members = [];
    private readonly List<Partition> _touched = [];
    private readonly Dictionary<string, Member> _lastOfProducer = new(StringComparer.Ordinal);
    private readonly Dictionary<Partition, KappaException> _failed = [];

    /// <summary>Requests for the next group, in their order.</summary>
    public List<PreparedRequest> Deferred { get; } = [];

    /// <summary>Partitions that could not keep their part of the group.</summary>
    public IReadOnlyCollection<Partition> Failed => _failed.Keys;

    /// <summary>Stamps the requests and gives their records offsets; refuses what cannot be taken.</summary>
    public void Plan(List<PreparedRequest> requests)
    {
        foreach (var request in requests)
        {
            try
            {
                PlanOne(request);
            }
            catch (KappaException refused)
            {
                request.Outcome.TrySetException(refused);
            }
        }
    }

    /// <summary>Writes and syncs every touched partition, and shows readers what is durable.</summary>
    /// <param name="durableTo">The last stamp that is durable.</param>
    /// <param name="claimTo">The stamp that the batches call durable; at most that one.</param>
    /// <returns>The last durable stamp of the group; 0 when nothing is durable.</returns>
    public long Write(long durableTo, long claimTo)
    {
        foreach (var partition in _touched)
        {
            Try(partition, () => partition.Write(
                options.SegmentBytesMax, options.SegmentAgeMax.Ticks, claimTo, buffer));
        }

        SyncTouched();
        foreach (var partition in _failed.Keys.ToArray())
        {
            try
            {
                partition.Rescue(claimTo, buffer);
                _failed.Remove(partition);
            }
            catch (KappaException why)
            {
                _failed[partition] = why;
            }
        }

        var last = 0L;
        foreach (var partition in _touched)
        {
            if (_failed.TryGetValue(partition, out var why))
            {
                partition.GiveUp(why, durableTo);
            }
            else
            {
                last = Math.Max(last, partition.Planned[^1].Header.LogTime);
                partition.Publish();
            }
        }

        return last;
    }

    private void SyncTouched()
    {
        var written = _touched.Where(partition => !_failed.ContainsKey(partition)).ToList();
        if (written.Count == 1)
        {
            Try(written[0], written[0].Sync);
        }
        else if (written.Count > 1)
        {
            // The disk syncs many files in about the time of one, when asked for them at once.
            Parallel.ForEach(
                written, new ParallelOptions { MaxDegreeOfParallelism = SyncsAtOnceMax }, one => Try(one, one.Sync));
        }
    }

    /// <summary>Tells everybody. After readers can see the records.</summary>
    public void Settle()
    {
        foreach (var member in _members)
        {
            var why = Remember(member);
            if (member.Request.Completes is { } topic)
            {
                topic.IsComplete |= why is null;
                topic.IsCompleting = false;
            }

            if (why is null)
            {
                member.Request.Outcome.TrySetResult(new Appended(member.InOrder(), member.IsRepeat));
            }
            else
            {
                member.Request.Outcome.TrySetException(why);
            }

            foreach (var duplicate in member.Duplicates)
            {
                if (why is null)
                {
                    duplicate.Outcome.TrySetResult(new Appended(member.InOrder(), Repeated: true));
                }
                else
                {
                    duplicate.Outcome.TrySetException(why);
                }

                duplicate.Release();
            }

            member.Request.Release();
        }
    }

    private void PlanOne(PreparedRequest prepared)
    {
        Producers.Taken? half = null;
        if (prepared.Request.Producer is { } producer)
        {
            if (Deferred.Exists(one => one.Request.Producer == producer))
            {
                Deferred.Add(prepared);
                return;
            }

            if (_lastOfProducer.TryGetValue(producer, out var before))
            {
                if (!Follows(prepared, before))
                {
                    return;
                }
            }
            else
            {
                var verdict = producers.Judge(prepared);
                if (verdict.Repeated is { } repeated)
                {
                    prepared.Outcome.TrySetResult(repeated);
                    return;
                }

                half = verdict.Half;
            }
        }

        CheckTaken(prepared);
        Add(prepared, half);
    }

    // A request behind one of the same producer in this group: a duplicate shares its fate, its successor may join it
    // where both lie wholly in one partition; everything else is judged in the next group.
    private bool Follows(PreparedRequest prepared, Member before)
    {
        var first = before.Request;
        if (prepared.Request.Number == first.Request.Number && prepared.ContentHash == first.ContentHash)
        {
            before.Duplicates.Add(prepared);
            return false;
        }

        var joins = prepared.Request.Number == first.Request.Number + 1 && !before.IsRepeat
            && prepared.Topic == first.Topic
            && prepared.Parts[0].Partition == first.Parts[0].Partition
            && Array.TrueForAll(prepared.Parts, part => part.Partition == first.Parts[0].Partition)
            && Array.TrueForAll(first.Parts, part => part.Partition == first.Parts[0].Partition);
        if (!joins)
        {
            Deferred.Add(prepared);
        }

        return joins;
    }

    private static void CheckTaken(PreparedRequest prepared)
    {
        var topic = prepared.Topic;
        if (topic.IsComplete || topic.IsCompleting)
        {
            throw new KappaException(
                ErrorKind.Conflict,
                $"Topic '{topic.Name}' is complete: it takes no more records.",
                "Append to another topic.");
        }

        foreach (var part in prepared.Parts)
        {
            var partition = topic.Partitions[part.Partition];
            if (!partition.TryGoOn())
            {
                throw partition.Stopped!.Why;
            }
        }
    }

    private void Add(PreparedRequest prepared, Producers.Taken? half)
    {
        if (half is not null && prepared.CutBytes != half.CutBytes)
        {
            prepared.Cut(half.CutBytes);
        }

        var member = new Member(prepared, half);
        var header = new BatchHeader
        {
            Producer = prepared.Request.Producer,
            ProducerLength = prepared.Request.Producer?.Length ?? 0,
        };
        if (header.Producer is not null)
        {
            header.Parts = prepared.Parts.Length;
            header.Number = prepared.Request.Number;
            header.ContentHash = prepared.ContentHash;
            header.CutBytes = prepared.CutBytes;
        }

        for (var i = 0; i < prepared.Parts.Length; i++)
        {
            if (half is not null && half.Batches[i].Count > 0)
            {
                member.Batches[i] = half.Batches[i];
                continue;
            }

            var part = prepared.Parts[i];
            var partition = prepared.Topic.Partitions[part.Partition];
            if (partition.Planned.Count == 0)
            {
                _touched.Add(partition);
            }

            header.Part = header.Producer is null ? 0 : i;
            member.Batches[i] = partition.Plan(part, header, clock.Next, options.BatchBytesMax);
        }

        _members.Add(member);
        if (prepared.Request.Producer is { } producer)
        {
            _lastOfProducer[producer] = member;
        }

        if (prepared.Completes is { } completes)
        {
            completes.IsCompleting = true;
        }
    }

    private KappaException? Remember(Member member)
    {
        KappaException? why = null;
        var request = member.Request;
        for (var i = 0; i < request.Parts.Length; i++)
        {
            if (_failed.TryGetValue(request.Topic.Partitions[request.Parts[i].Partition], out var failed))
            {
                why = failed;
            }
            else if (request.Request.Producer is { } producer)
            {
                producers.Note(new KnownBatch(
                    producer, request.Request.Number, request.ContentHash, i, request.Parts.Length, request.CutBytes,
                    member.Batches[i]));
            }
        }

        return why;
    }

    private void Try(Partition partition, Action act)
    {
        try
        {
            act();
        }
        catch (KappaException trouble)
        {
            lock (_failed)
            {
                _failed[partition] = trouble;
            }
        }
    }

    private sealed class Member(PreparedRequest request, Producers.Taken? half)
    {
        public PreparedRequest Request { get; } = request;

        /// <summary>Some of it had been taken before.</summary>
        public bool IsRepeat { get; } = half is not null;

        public AppendedBatch[] Batches { get; } = new AppendedBatch[request.Parts.Length];

        public List<PreparedRequest> Duplicates { get; } = [];

        public AppendedBatch[] InOrder() =>
            Batches.Length == 1 ? Batches : [.. Batches.OrderBy(batch => batch.LogTime)];
    }
}
