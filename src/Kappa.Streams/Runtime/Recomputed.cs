using Kappa.Tables;

namespace Kappa.Streams.Runtime;

/// <summary>
/// The rows a restart computes again up to the committed place (rule C2): not written, but compared with what is
/// stored.
/// </summary>
internal sealed class Recomputed(IReadOnlyList<TableSchema> tables)
{
    private readonly Dictionary<byte[], byte[]?>[] _rows =
        [.. tables.Select(_ => new Dictionary<byte[], byte[]?>(KeyEquality.Instance))];

    public void Add(TableChanges changes)
    {
        for (var i = 0; i < changes.Count; i++)
        {
            var change = changes[i];
            _rows[change.Table][change.Key.ToArray()] = change.Row?.ToArray();
        }

        changes.Clear();
    }

    /// <summary>The first difference to the stored tables; null for none.</summary>
    public async ValueTask<string?> CompareAsync(ITableSnapshot stored, CancellationToken cancel)
    {
        for (var table = 0; table < tables.Count; table++)
        {
            foreach (var (key, row) in _rows[table])
            {
                var found = await stored.FindAsync(tables[table].Name, key, cancel);
                if (found is null != row is null || (found is { } there && !there.Row.Span.SequenceEqual(row)))
                {
                    var values = new object?[tables[table].Key.Count];
                    RowReader.ReadKey(tables[table], key, values);
                    return $"table '{tables[table].Name}', key ({string.Join(", ", values)})";
                }
            }
        }

        return null;
    }

    private sealed class KeyEquality : IEqualityComparer<byte[]>
    {
        public static readonly KeyEquality Instance = new();

        public bool Equals(byte[]? left, byte[]? right) => left.AsSpan().SequenceEqual(right);

        public int GetHashCode(byte[] key)
        {
            var hash = default(HashCode);
            hash.AddBytes(key);
            return hash.ToHashCode();
        }
    }
}
