using System.Buffers;
using Kappa.Tables;

namespace Kappa.Streams.Runtime;

/// <summary>
/// Writes each value of a stream as a row. Rows of one key may come from several shards, so each keeps its moment and
/// the commit puts them in order.
/// </summary>
internal sealed class RowStage<TKey, T> : IReceiver<T>
    where TKey : notnull
{
    private readonly StageName _name;
    private readonly Func<T, TKey> _key;
    private readonly SegmentInstance _instance;
    private readonly MomentRows _rows;
    private readonly ArrayBufferWriter<byte> _row = new(256);
    private readonly long _way;

    public RowStage(StageName name, SegmentInstance instance, Func<T, TKey> key, int table)
    {
        _name = name;
        _key = key;
        _instance = instance;
        _rows = instance.Machine.RowsOf(table, instance.Worker);
        _way = instance.Way;
    }

    public void Receive(T value, long eventTime)
    {
        byte[] key;
        try
        {
            key = Columns<TKey>.KeyBytes(
                _key(value) ?? throw new InvalidOperationException(UserCode.NullKey));
            _row.ResetWrittenCount();
            Columns<T>.WriteRow(new RowWriter(_row), value);
        }
        catch (Exception error) when (UserCode.MayFail(error))
        {
            _instance.Side.Dead(_name.Label, eventTime, error);
            return;
        }

        _rows.Add(_instance.Clock.PlacesBefore, _instance.Clock.Emit(_way), key, _row.WrittenSpan.ToArray());
    }
}

/// <summary>Rows of one table from one worker's segments, with the moment of each.</summary>
internal sealed class MomentRows
{
    private readonly List<(long Step, Moment At, byte[] Key, byte[] Row)> _rows = [];

    public void Add(long step, Moment at, byte[] key, byte[] row) => _rows.Add((step, at, key, row));

    /// <summary>Puts the rows of all workers in order of their moments; the last of a key stays.</summary>
    public static void Collect(TableChanges into, int table, IReadOnlyList<MomentRows> workers)
    {
        foreach (var row in workers.SelectMany(worker => worker._rows).OrderBy(row => row.Step).ThenBy(row => row.At))
        {
            into.Put(table, row.Key, row.Row);
        }

        foreach (var worker in workers)
        {
            worker._rows.Clear();
        }
    }
}
