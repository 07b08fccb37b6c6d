namespace Kappa.Log;

/// <summary>Walks the records of a batch.</summary>
public ref struct RecordEnumerator
{
    private readonly RecordBatch _batch;
    private readonly ReadOnlySpan<byte> _bytes;
    private int _at;
    private int _index;

    internal RecordEnumerator(RecordBatch batch, ReadOnlySpan<byte> bytes)
    {
        _batch = batch;
        _bytes = bytes;
    }

    /// <summary>The record under the cursor.</summary>
    public Record Current { get; private set; }

    /// <summary>Where the record under the cursor ends in the batch's encoded records, in bytes.</summary>
    public readonly int EncodedEnd => _at;

    /// <summary>Moves to the next record.</summary>
    /// <exception cref="KappaException">The bytes do not hold what the batch says.</exception>
    public bool MoveNext()
    {
        if (_index == _batch.Count)
        {
            return false;
        }

        var keyCode = RecordCodec.ReadVarint(_bytes, ref _at);
        var key = Take(_bytes, ref _at, keyCode == 0 ? 0 : keyCode - 1);
        var valueCode = RecordCodec.ReadVarint(_bytes, ref _at);
        var value = Take(_bytes, ref _at, valueCode < 2 ? 0 : valueCode - 2);
        var headerCount = RecordCodec.ReadVarint(_bytes, ref _at);
        var headersAt = _at;
        for (var i = 0; i < headerCount; i++)
        {
            Take(_bytes, ref _at, RecordCodec.ReadVarint(_bytes, ref _at));
            Take(_bytes, ref _at, RecordCodec.ReadVarint(_bytes, ref _at));
        }

        Current = new Record(
            _batch.BaseOffset + _index, _batch.PlaceOf(_index), keyCode != 0, key, valueCode, value,
            (int)headerCount, _bytes[headersAt.._at]);
        _index++;
        return true;
    }

    internal static ReadOnlySpan<byte> Take(ReadOnlySpan<byte> bytes, scoped ref int at, uint length)
    {
        if (length > bytes.Length - at)
        {
            throw new KappaException(
                ErrorKind.Corrupt, "A record runs past the end of its batch.",
                "Run 'kappa verify' to find the damage.");
        }

        var taken = bytes.Slice(at, (int)length);
        at += (int)length;
        return taken;
    }
}
