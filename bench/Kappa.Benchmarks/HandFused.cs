using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Kappa.Log;
using Kappa.Streams.Runtime;

namespace Kappa.Benchmarks;

/// <summary>
/// The query of the minutes written by hand for these events alone: one loop over the bytes of each batch, a table for
/// each minute, rows when the watermark passes it. No undo, no late or dead records, no restart: what lambdas may cost
/// at most is measured by it.
/// </summary>
internal sealed class HandFused(Func<Tick, int> keyOf)
{
    private const long Minute = TimeSpan.TicksPerMinute;
    private readonly Dictionary<long, Table> _open = [];
    private readonly Stack<Table> _spare = new();

    public long Rows { get; private set; }

    public long Count { get; private set; }

    public double Sum { get; private set; }

    public async Task RunAsync(ILog log)
    {
        await using var sequence = log.Read(["ticks"], Place.Start);
        var reader = new StepReader(sequence, Replay.Version, 16_384);
        var place = Place.Start;
        while (reader.TryRead(place, null))
        {
            place = reader.Place;
            foreach (var batch in reader.Batches)
            {
                if (batch.Topic == "ticks")
                {
                    Fold(batch);
                }
            }
        }

        foreach (var table in _open.Values)
        {
            Close(table);
        }
    }

    private void Fold(RecordBatch batch)
    {
        ref var origin = ref MemoryMarshal.GetReference(batch.EncodedRecords.Span);
        var stride = Unsafe.SizeOf<Tick>() + 3;
        Table? table = null;
        long first = 0, highest = 0;
        for (var i = 0; i < batch.Count; i++)
        {
            ref var tick = ref Unsafe.As<byte, Tick>(ref Unsafe.Add(ref origin, (i * stride) + 2));
            highest = Math.Max(highest, tick.At);
            if (tick.Value < 10)
            {
                continue;
            }

            if (table is null || (ulong)(tick.At - first) >= Minute)
            {
                first = tick.At / Minute * Minute;
                if (!_open.TryGetValue(first, out table))
                {
                    _open.Add(first, table = _spare.Count > 0 ? _spare.Pop() : new Table());
                }
            }

            table.Add(keyOf(tick), tick.Value);
        }

        var watermark = highest - Jobs.Lateness.Ticks;
        foreach (var start in _open.Keys.Where(start => start + Minute <= watermark).ToList())
        {
            Close(_open[start]);
            _open.Remove(start);
        }
    }

    private void Close(Table table)
    {
        foreach (ref readonly var slot in table.Slots.AsSpan())
        {
            if (slot.Count > 0)
            {
                Rows++;
                Count += slot.Count;
                Sum += slot.Sum;
            }
        }

        table.Clear();
        _spare.Push(table);
    }

    private struct Slot
    {
        public int Key;
        public int Count;
        public double Sum;
        public double Max;
    }

    private sealed class Table
    {
        private int _count;

        public Slot[] Slots { get; private set; } = new Slot[1024];

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Add(int key, double value)
        {
            var slots = Slots;
            var mask = slots.Length - 1;
            var at = (int)(((uint)key * 0x9E37_79B1u) >> (32 - BitOperations.Log2((uint)slots.Length)));
            while (true)
            {
                ref var slot = ref slots[at];
                if (slot.Count > 0 && slot.Key == key)
                {
                    slot.Count++;
                    slot.Sum += value;
                    slot.Max = Math.Max(slot.Max, value);
                    return;
                }

                if (slot.Count == 0)
                {
                    slot = new Slot { Key = key, Count = 1, Sum = value, Max = value };
                    if (++_count > slots.Length / 4 * 3)
                    {
                        Grow();
                    }

                    return;
                }

                at = (at + 1) & mask;
            }
        }

        public void Clear()
        {
            Array.Clear(Slots);
            _count = 0;
        }

        private void Grow()
        {
            var old = Slots;
            Slots = new Slot[old.Length * 2];
            var mask = Slots.Length - 1;
            foreach (var slot in old)
            {
                if (slot.Count > 0)
                {
                    var at = (int)(((uint)slot.Key * 0x9E37_79B1u) >> (32 - BitOperations.Log2((uint)Slots.Length)));
                    while (Slots[at].Count > 0)
                    {
                        at = (at + 1) & mask;
                    }

                    Slots[at] = slot;
                }
            }
        }
    }
}
