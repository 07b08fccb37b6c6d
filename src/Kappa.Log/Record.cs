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
