using System.Buffers;
using Kappa.Log;

namespace Kappa.Streams.Runtime;

/// <summary>What a record of a table's topic says: the row of its key from here on, or that there is none.</summary>
/// <param name="Key">The key.</param>
/// <param name="Row">The row; null: it is removed.</param>
internal readonly record struct RowChange<TKey, T>(TKey Key, Kept<T>? Row)
    where TKey : notnull;

/// <summary>A row. Wrapped, so that a row that is a struct can be absent as well.</summary>
internal sealed record Kept<T>(T Row);

/// <summary>
/// Records as rows of a table: the record's key is the row's key, a record without a value, or with an empty one,
/// removes the row (rule O3).
/// </summary>
internal sealed class RowFormat<TKey, T>(Codec<T> rows) : Codec<RowChange<TKey, T>>
    where TKey : notnull
{
    public override string Name => rows.Name;

    internal override IEnumerable<Delegate> Lambdas => rows.Lambdas;

    internal override IEnumerable<Type> Types => rows.Types.Prepend(typeof(TKey));

    internal override bool ReadsRecords => true;

    public override void Write(RowChange<TKey, T> value, IBufferWriter<byte> into)
    {
        if (value.Row is { } kept)
        {
            rows.Write(kept.Row, into);
        }
    }

    public override RowChange<TKey, T> Read(ReadOnlySpan<byte> bytes) =>
        throw new InvalidDataException("A row has a key, which its bytes do not hold.");

    internal override RowChange<TKey, T> ReadRecord(in Record record)
    {
        if (!record.HasKey)
        {
            throw new InvalidDataException("The record has no key, so it is the row of nothing.");
        }

        var key = RecordKey<TKey>.Read(record.Key);
        return new(key, record.Value.IsEmpty ? null : new Kept<T>(rows.Read(record)));
    }

    internal override Codec<TOther> Same<TOther>() => rows.Same<TOther>();
}
