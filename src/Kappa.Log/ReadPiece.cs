namespace Kappa.Log;

/// <summary>A piece of a file in memory, used by the walk that read it and by the batches that lie in it.</summary>
internal sealed class ReadPiece(int length)
{
    /// <summary>Nothing read.</summary>
    public static readonly ReadPiece None = new(0);

    public byte[] Bytes { get; } = GC.AllocateUninitializedArray<byte>(length);

    /// <summary>How many use it; at 0 it may be read into again.</summary>
    public int Users { get; set; }
}

/// <summary>
/// The memory of one reader, used again and again: fresh memory is slow, and a batch's bytes need not be copied out of
/// what was read. For one thread.
/// </summary>
internal sealed class ReadPieces
{
    /// <summary>How much is read at once, in bytes.</summary>
    public const int Size = 256 << 10;

    private const int PiecesMax = 64;
    private const int BatchesMax = 16_384;

    private readonly Stack<ReadPiece> _free = new();
    private readonly Stack<RecordBatch> _batches = new();

    /// <summary>A piece that nobody else uses, with one user.</summary>
    public ReadPiece Take(int length)
    {
        var piece = length <= Size && _free.Count > 0 ? _free.Pop() : new ReadPiece(Math.Max(length, Size));
        piece.Users = 1;
        return piece;
    }

    /// <summary>One user less.</summary>
    public void Release(ReadPiece piece)
    {
        if (piece != ReadPiece.None && --piece.Users == 0 && piece.Bytes.Length == Size && _free.Count < PiecesMax)
        {
            _free.Push(piece);
        }
    }

    /// <summary>A batch to be filled.</summary>
    public RecordBatch NewBatch() => _batches.Count > 0 ? _batches.Pop() : new RecordBatch("", 0, 0, 0, 0, default);

    /// <summary>A batch that was lent comes back.</summary>
    public void Return(RecordBatch batch)
    {
        if (batch.TakePiece() is { } piece)
        {
            Release(piece);
            if (_batches.Count < BatchesMax)
            {
                _batches.Push(batch);
            }
        }
    }
}
