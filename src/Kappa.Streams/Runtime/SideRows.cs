using System.Buffers;
using Kappa.Tables;

namespace Kappa.Streams.Runtime;

/// <summary>
/// Late and dead records of one worker's segment. A row's key is its place, operator, key and window; several of one
/// key are numbered in order. One key's records meet in one shard, so the numbers do not depend on the workers.
/// </summary>
internal sealed class SideRows(SegmentInstance instance)
{
    private readonly TableChanges _rows = new();
    private readonly ArrayBufferWriter<byte> _key = new(128);
    private readonly ArrayBufferWriter<byte> _row = new(512);
    private readonly Dictionary<(int Table, string Operator, string? Key, long? Window), long> _numbers = [];
    private readonly List<(int Place, string Error)> _errors = [];
    private long _numbersAt = -1;

    /// <summary>Late ones so far, counted once per (record, window) (rule T5).</summary>
    public long LateCount { get; private set; }

    /// <summary>Dead ones so far.</summary>
    public long DeadCount { get; private set; }

    /// <summary>This step's dead ones by place, for the rule that stops a failing job (rule O6).</summary>
    public IReadOnlyList<(int Place, string Error)> StepErrors => _errors;

    public void BeginStep() => _errors.Clear();

    public void Late(string label, long? windowStart, long? windowEnd, long eventTime)
    {
        LateCount++;
        Begin(instance.Machine.LateTable, label, windowStart, eventTime);
        var writer = new RowWriter(_row);
        if (windowEnd is { } end)
        {
            writer.Integer(end);
        }
        else
        {
            writer.Null();
        }

        _rows.Put(instance.Machine.LateTable, _key.WrittenSpan, _row.WrittenSpan);
    }

    public void Dead(string label, long? eventTime, Exception error) =>
        Dead(label, eventTime, $"{error.GetType().Name}: {error.Message}");

    public void Dead(string label, long? eventTime, string error)
    {
        DeadCount++;
        _errors.Add((instance.Clock.Place, $"{label}: {error}"));
        Begin(instance.Machine.DeadTable, label, null, eventTime);
        new RowWriter(_row).Text(error);
        _rows.Put(instance.Machine.DeadTable, _key.WrittenSpan, _row.WrittenSpan);
    }

    public void Collect(TableChanges into)
    {
        for (var i = 0; i < _rows.Count; i++)
        {
            into.Put(_rows[i].Table, _rows[i].Key.Span, _rows[i].Row!.Value.Span);
        }

        _rows.Clear();
    }

    public void Save(StateWriter into)
    {
        into.Write(LateCount);
        into.Write(DeadCount);
    }

    public void Load(long late, long dead)
    {
        LateCount = late;
        DeadCount = dead;
    }

    private void Begin(int table, string label, long? windowStart, long? eventTime)
    {
        var clock = instance.Clock;
        var key = instance.Keys?.Text;
        if (_numbersAt != clock.PlaceNumber)
        {
            _numbersAt = clock.PlaceNumber;
            _numbers.Clear();
        }

        ref var number = ref System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(
            _numbers, (table, label, key, windowStart), out _);
        var place = instance.Machine.Places.PlaceAt(clock.Place);
        _key.ResetWrittenCount();
        var writer = new KeyWriter(_key);
        writer.Integer(place.LogTime);
        writer.Integer(place.Index);
        writer.Text(label);
        Text(writer, key);
        Whole(writer, windowStart);
        writer.Integer(number++);
        _row.ResetWrittenCount();
        instance.Machine.Places.WriteOrigin(new RowWriter(_row), clock.Place, isRecord: clock.IsRecord, eventTime);
    }

    private static void Text(KeyWriter writer, string? text)
    {
        if (text is null)
        {
            writer.Null();
        }
        else
        {
            writer.Text(text);
        }
    }

    private static void Whole(KeyWriter writer, long? number)
    {
        if (number is { } value)
        {
            writer.Integer(value);
        }
        else
        {
            writer.Null();
        }
    }
}
