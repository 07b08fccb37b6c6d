using System.Buffers;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace Kappa.Log;

/// <summary>Records of a request that go into one batch of one partition, encoded as they are stored.</summary>
internal readonly record struct RequestPart(
    int Partition, int Count, ReadOnlyMemory<byte> Bytes, uint Crc, byte Codec = 0);

/// <summary>A request encoded and cut into parts on the caller's thread, waiting for the committer.</summary>
internal sealed class PreparedRequest
{
    [ThreadStatic]
    private static IncrementalHash? s_hash;

    private readonly LogOptions _options;
    private byte[]? _rented;

    private PreparedRequest(AppendRequest request, LogTopic topic, LogOptions options)
    {
        Request = request;
        Topic = topic;
        _options = options;
    }

    public AppendRequest Request { get; }

    public LogTopic Topic { get; }

    public RequestPart[] Parts { get; private set; } = [];

    /// <summary>128 bits of the SHA-256 over the topic and the encoded records; 0 when not numbered.</summary>
    public UInt128 ContentHash { get; private set; }

    public int CutBytes { get; private set; }

    public int Bytes { get; private set; }

    /// <summary>The topic that is complete once this record of the clock is durable (rule L6).</summary>
    public LogTopic? Completes { get; init; }

    /// <summary>Settled when the request is decided.</summary>
    public TaskCompletionSource<Appended> Outcome { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public static PreparedRequest Of(
        AppendRequest request, LogTopic topic, LogOptions options, LogTopic? completes = null)
    {
        var prepared = new PreparedRequest(request, topic, options) { Completes = completes };
        prepared.Cut(options.BatchBytesMax);
        return prepared;
    }

    /// <summary>Encodes the records and cuts them into parts of about so many bytes.</summary>
    public void Cut(int cutBytes)
    {
        var records = Records;
        var ends = new int[records.Length];
        var size = Measure(records);
        Release();
        var into = _rented = ArrayPool<byte>.Shared.Rent(size);
        var end = 0;
        for (var i = 0; i < records.Length; i++)
        {
            ends[i] = end += RecordCodec.Write(into.AsSpan(end), in records[i]);
        }

        CutBytes = cutBytes;
        Bytes = size;
        ContentHash = Request.Producer is null ? 0 : HashOf(into.AsSpan(0, size));
        Parts = CutParts(into.AsMemory(0, size), ends, Choose(records), cutBytes);
        if (Topic.Settings.Compression == Compression.Brotli)
        {
            Parts = Array.ConvertAll(Parts, Compress);
        }
    }

    /// <summary>It is decided, and nobody looks at its bytes any more: their memory serves another request.</summary>
    public void Release()
    {
        if (_rented is { } rented)
        {
            _rented = null;
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    // One copy at most: a record is some words, and a list's indexer hands out copies.
    private ReadOnlySpan<NewRecord> Records => Request.Records switch
    {
        NewRecord[] array => array,
        List<NewRecord> list => CollectionsMarshal.AsSpan(list),
        var other => other.ToArray(),
    };

    private int Measure(ReadOnlySpan<NewRecord> records)
    {
        long all = 0;
        for (var i = 0; i < records.Length; i++)
        {
            var one = RecordCodec.SizeOf(in records[i]);
            CheckSize(i, one);
            all += one;
        }

        CheckRequestSize(all);
        return (int)all;
    }

    /// <summary>The partition of each record; null where all are in the only one.</summary>
    private int[]? Choose(ReadOnlySpan<NewRecord> records)
    {
        if (Topic.Partitions.Length == 1)
        {
            return null;
        }

        var partitions = new int[records.Length];
        var keyless = -1;
        for (var i = 0; i < records.Length; i++)
        {
            partitions[i] = records[i].Key is { } key
                ? Partitioner.OfKey(key.Span, Topic.Partitions.Length)
                : keyless >= 0 ? keyless : keyless = ChooseKeyless();
        }

        return partitions;
    }

    private static RequestPart Compress(RequestPart part) =>
        CompressedRecords.TryCompress(part.Bytes.Span) is { } stored
            ? part with { Bytes = stored, Crc = Crc32C.Of(stored), Codec = CompressedRecords.Brotli }
            : part;

    private static RequestPart[] CutParts(ReadOnlyMemory<byte> bytes, int[] ends, int[]? partitions, int cutBytes)
    {
        if (partitions is null || partitions.AsSpan().IndexOfAnyExcept(partitions[0]) < 0)
        {
            var parts = new List<RequestPart>(1);
            CutOne(bytes, ends, partitions?[0] ?? 0, cutBytes, parts);
            return [.. parts];
        }

        var all = new List<RequestPart>();
        foreach (var partition in partitions.Distinct().Order())
        {
            var own = new ArrayBufferWriter<byte>();
            var ownEnds = new List<int>();
            for (var i = 0; i < ends.Length; i++)
            {
                if (partitions[i] == partition)
                {
                    own.Write(bytes.Span[(i == 0 ? 0 : ends[i - 1])..ends[i]]);
                    ownEnds.Add(own.WrittenCount);
                }
            }

            CutOne(own.WrittenMemory, [.. ownEnds], partition, cutBytes, all);
        }

        return [.. all];
    }

    private static void CutOne(
        ReadOnlyMemory<byte> bytes, int[] ends, int partition, int cutBytes, List<RequestPart> into)
    {
        var start = 0;
        var first = 0;
        for (var i = 0; i < ends.Length; i++)
        {
            if (i + 1 == ends.Length || ends[i + 1] - start > cutBytes)
            {
                var part = bytes[start..ends[i]];
                into.Add(new RequestPart(partition, i + 1 - first, part, Crc32C.Of(part.Span)));
                start = ends[i];
                first = i + 1;
            }
        }
    }

    private int ChooseKeyless() => Request.Producer is null
        ? Topic.NextRound()
        : Partitioner.OfRequest(Request.Producer, Request.Number, Topic.Partitions.Length);

    private UInt128 HashOf(ReadOnlySpan<byte> records)
    {
        // One for each thread: making one costs as much as hashing some hundred bytes.
        var hash = s_hash ??= IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(Topic.Name + "\n"));
        hash.AppendData(records);
        Span<byte> digest = stackalloc byte[32];
        hash.GetHashAndReset(digest);
        return System.Buffers.Binary.BinaryPrimitives.ReadUInt128LittleEndian(digest);
    }

    private void CheckSize(int index, int bytes)
    {
        if (bytes > _options.RecordBytesMax)
        {
            throw new KappaException(
                ErrorKind.Invalid,
                $"Record {index} of the request to topic '{Topic.Name}' has {bytes} encoded bytes;"
                    + $" allowed are {_options.RecordBytesMax}.",
                "Send smaller records, or raise the option RecordBytesMax.");
        }
    }

    private void CheckRequestSize(long bytes)
    {
        if (bytes > _options.QueueBytesMax)
        {
            throw new KappaException(
                ErrorKind.Invalid,
                $"The request to topic '{Topic.Name}' has {bytes} encoded bytes; allowed are {_options.QueueBytesMax}.",
                "Send several smaller requests, or raise the option QueueBytesMax.");
        }
    }
}
