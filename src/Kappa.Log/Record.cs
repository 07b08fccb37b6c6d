using System.Text;

namespace Kappa.Log;

/// <summary>One record of a batch: a view of the batch's bytes, valid as long as the batch.</summary>
public readonly ref struct Record
{
    private readonly ReadOnlySpan<byte> _headers;

    internal Record(
        long offset, Place place, bool hasKey, ReadOnlySpan<byte> key, uint valueCode, ReadOnlySpan<byte> value,
        int headerCount, ReadOnlySpan<byte> headers)
    {
        Offset = offset;
        Place = place;
        HasKey = hasKey;
        Key = key;
        HasValue = valueCode > 1;
        IsErased = valueCode == 1;
        Value = value;
        HeaderCount = headerCount;
        _headers = headers;
    }

    /// <summary>Its offset in the partition.</summary>
    public long Offset { get; }

    /// <summary>Its place in the one sequence.</summary>
    public Place Place { get; }

    /// <summary>Does it have a key? An empty key is a key.</summary>
    public bool HasKey { get; }

    /// <summary>The key's bytes; empty when there is none.</summary>
    public ReadOnlySpan<byte> Key { get; }

    /// <summary>Does it have a value? An empty value is a value.</summary>
    public bool HasValue { get; }

    /// <summary>Its value was erased (rule L10): offset, stamp and place stay.</summary>
    public bool IsErased { get; }

    /// <summary>The value's bytes; empty when there is none.</summary>
    public ReadOnlySpan<byte> Value { get; }

    /// <summary>How many headers it has.</summary>
    public int HeaderCount { get; }

    /// <summary>Finds the first header of a name without copying.</summary>
    /// <param name="name">The name, in UTF-8.</param>
    /// <param name="value">Its bytes; empty where there is none.</param>
    public bool TryGetHeader(ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        var at = 0;
        for (var i = 0; i < HeaderCount; i++)
        {
            var found = RecordEnumerator.Take(_headers, ref at, RecordCodec.ReadVarint(_headers, ref at));
            value = RecordEnumerator.Take(_headers, ref at, RecordCodec.ReadVarint(_headers, ref at));
            if (found.SequenceEqual(name))
            {
                return true;
            }
        }

        value = default;
        return false;
    }

    /// <summary>Copies the headers out.</summary>
    public IReadOnlyList<KeyValuePair<string, byte[]>> ReadHeaders()
    {
        var list = new List<KeyValuePair<string, byte[]>>(Math.Min(HeaderCount, _headers.Length));
        var at = 0;
        for (var i = 0; i < HeaderCount; i++)
        {
            var name = RecordEnumerator.Take(_headers, ref at, RecordCodec.ReadVarint(_headers, ref at));
            var value = RecordEnumerator.Take(_headers, ref at, RecordCodec.ReadVarint(_headers, ref at));
            list.Add(new(Encoding.UTF8.GetString(name), value.ToArray()));
        }

        return list;
    }
}

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
