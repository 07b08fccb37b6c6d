namespace Kappa.Log;

/// <summary>A batch that is stamped and has its offsets, but is not yet on disk.</summary>
internal sealed class PlannedBatch
{
    private readonly List<ReadOnlyMemory<byte>> _records = [];

    public required BatchHeader Header;

    public int RecordBytes { get; private set; }

    public bool IsNumbered => Header.ProducerLength > 0;

    public void Add(in RequestPart part)
    {
        Header.RecordsCrc = _records.Count == 0 ? part.Crc : Crc32C.Continue(Header.RecordsCrc, part.Bytes.Span);
        Header.Count += part.Count;
        RecordBytes += part.Bytes.Length;
        _records.Add(part.Bytes);
    }

    /// <summary>Writes the batch; returns its length.</summary>
    public int Write(Span<byte> into, uint seed)
    {
        var at = Header.RecordsAt;
        foreach (var some in _records)
        {
            some.Span.CopyTo(into[at..]);
            at += some.Length;
        }

        Header.Length = at;
        Header.Write(into, seed);
        return at;
    }
}
