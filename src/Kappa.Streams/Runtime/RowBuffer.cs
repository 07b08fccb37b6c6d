using System.Buffers;
using Kappa.Tables;

namespace Kappa.Streams.Runtime;

/// <summary>Encodes keys and rows of one table shape, reusing its buffers.</summary>
internal sealed class RowBuffer<TKey, TValue>(bool windowed)
    where TKey : notnull
{
    private static readonly FixedColumns<TKey>? FixedKey = FixedColumns<TKey>.Of(isKey: true);
    private static readonly FixedColumns<TValue>? FixedRow = FixedColumns<TValue>.Of(isKey: false);

    private readonly ArrayBufferWriter<byte> _key = new(64);
    private readonly ArrayBufferWriter<byte> _row = new(256);

    /// <summary>Key bytes, valid until the next call; with the window, where there is one.</summary>
    public ReadOnlySpan<byte> Key(TKey key, WindowBounds window = default)
    {
        _key.ResetWrittenCount();
        var writer = new KeyWriter(_key);
        Columns<TKey>.WriteKey(writer, key);
        if (windowed)
        {
            writer.Integer(window.Start);
            writer.Integer(window.End);
        }

        return _key.WrittenSpan;
    }

    /// <summary>Puts a row without a window; a null value has no row.</summary>
    public void Put(TableChanges into, int[] tables, TKey key, TValue value)
    {
        if (value is null)
        {
            Remove(into, tables, Key(key));
            return;
        }

        _row.ResetWrittenCount();
        Columns<TValue>.WriteRow(new RowWriter(_row), value);
        Put(into, tables, Key(key));
    }

    /// <summary>Puts the row of a window; a null value has no row.</summary>
    public void Put(TableChanges into, int[] tables, TKey key, WindowBounds window, TValue value, bool isFinal)
    {
        if (value is null)
        {
            Remove(into, tables, Key(key, window));
            return;
        }

        if (FixedKey is { } fixedKey && FixedRow is { } fixedRow)
        {
            Put(into, tables, fixedKey, fixedRow, key, window, value, isFinal);
            return;
        }

        _row.ResetWrittenCount();
        var writer = new RowWriter(_row);
        Columns<TValue>.WriteRow(writer, value);
        writer.Boolean(isFinal);
        Put(into, tables, Key(key, window));
    }

    /// <summary>A row of known length, written where it stays.</summary>
    private static void Put(
        TableChanges into, int[] tables, FixedColumns<TKey> keys, FixedColumns<TValue> values, TKey key,
        WindowBounds window, TValue value, bool isFinal)
    {
        var keyLength = keys.Length + 18;
        foreach (var table in tables)
        {
            var bytes = into.Put(table, keyLength, values.Length + 2);
            keys.Write(bytes, key);
            FixedColumns.KeyInteger(bytes, keys.Length, window.Start);
            FixedColumns.KeyInteger(bytes, keys.Length + 9, window.End);
            values.Write(bytes[keyLength..], value);
            FixedColumns.RowBoolean(bytes, keyLength + values.Length, isFinal);
        }
    }

    private void Put(TableChanges into, int[] tables, ReadOnlySpan<byte> key)
    {
        foreach (var table in tables)
        {
            into.Put(table, key, _row.WrittenSpan);
        }
    }

    private static void Remove(TableChanges into, int[] tables, ReadOnlySpan<byte> key)
    {
        foreach (var table in tables)
        {
            into.Remove(table, key);
        }
    }
}
