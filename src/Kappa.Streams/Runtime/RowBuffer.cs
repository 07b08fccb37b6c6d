using System.Buffers;
using Kappa.Tables;

namespace Kappa.Streams.Runtime;

/// <summary>Encodes keys and rows of one table shape, reusing its buffers.</summary>
internal sealed class RowBuffer<TKey, TValue>(bool windowed)
    where TKey : notnull
{
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

        _row.ResetWrittenCount();
        var writer = new RowWriter(_row);
        Columns<TValue>.WriteRow(writer, value);
        writer.Boolean(isFinal);
        Put(into, tables, Key(key, window));
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
