using Kappa.Log;
using Kappa.Tables;

namespace Kappa.Streams.Runtime;

/// <summary>The batches of a step, and which record stands at which of its places.</summary>
internal sealed class StepPlaces
{
    private readonly List<PlacedBatch> _step = [];

    public IReadOnlyList<PlacedBatch> Batches => _step;

    /// <summary>How many places there are. Stays when the batches are read into again.</summary>
    public int Count { get; private set; }

    /// <summary>The last place; null before the first step.</summary>
    public Place? Last { get; private set; }

    public void Set(IReadOnlyList<RecordBatch> batches)
    {
        _step.Clear();
        var place = 0;
        for (var i = 0; i < batches.Count; i++)
        {
            var batch = batches[i];
            _step.Add(new PlacedBatch(batch, place));
            place += batch.Count;
            Last = batch.LastPlace;
        }

        Count = place;
    }

    /// <summary>The log time at an index of the step.</summary>
    public long LogTimeAt(int index) => BatchAt(index).Batch.LogTime;

    /// <summary>The place at an index of the step.</summary>
    public Place PlaceAt(int index)
    {
        var placed = BatchAt(index);
        return placed.Batch.PlaceOf(index - placed.FirstPlace);
    }

    /// <summary>Where a late or dead record is from; nothing but the event time where a timer brought it.</summary>
    public void WriteOrigin(RowWriter row, int index, bool isRecord, long? eventTime)
    {
        var placed = BatchAt(index);
        if (isRecord)
        {
            row.Text(placed.Batch.Topic);
            row.Integer(placed.Batch.Partition);
            row.Integer(placed.Batch.BaseOffset + index - placed.FirstPlace);
        }
        else
        {
            row.Null();
            row.Null();
            row.Null();
        }

        if (eventTime is { } time)
        {
            row.Integer(time);
        }
        else
        {
            row.Null();
        }

        var left = index - placed.FirstPlace;
        for (var records = placed.Batch.AsAppended(); records.MoveNext();)
        {
            if (left-- == 0)
            {
                var record = records.Current;
                if (isRecord && record.HasValue)
                {
                    row.Bytes(record.Value);
                }
                else
                {
                    row.Null();
                }

                return;
            }
        }
    }

    /// <summary>
    /// The first place of the step with a log time at or behind one; behind the step where there is none.
    /// </summary>
    public int FirstPlaceOf(long logTime)
    {
        int low = 0, high = _step.Count;
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (_step[middle].Batch.LogTime >= logTime)
            {
                high = middle;
            }
            else
            {
                low = middle + 1;
            }
        }

        return low == _step.Count ? Count : _step[low].FirstPlace;
    }

    private PlacedBatch BatchAt(int index)
    {
        int low = 0, high = _step.Count - 1;
        while (low < high)
        {
            var middle = (low + high + 1) / 2;
            if (_step[middle].FirstPlace <= index)
            {
                low = middle;
            }
            else
            {
                high = middle - 1;
            }
        }

        return _step[low];
    }
}
