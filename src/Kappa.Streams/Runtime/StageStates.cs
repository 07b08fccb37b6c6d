using System.Runtime.CompilerServices;

namespace Kappa.Streams.Runtime;

/// <summary>The states of a stage in one worker, as far as memory goes.</summary>
internal interface IStageStates
{
    /// <summary>About what the states in memory take.</summary>
    long WarmBytes { get; }

    /// <summary>About what cannot be spilled: where the spilled states are.</summary>
    long IndexBytes { get; }

    /// <summary>Looks how large states are, by a few of them.</summary>
    /// <param name="records">How many records came since the last time: more of them, more is looked at.</param>
    void Measure(int records);

    /// <summary>Spills the states not touched longest, until those in memory take about so much.</summary>
    void Shrink(long bytes);

    /// <summary>The rows of changed states were collected, so that these can be spilled.</summary>
    void Collected();
}

/// <summary>
/// What a stage keeps for its keys: one table, or one for each window, and a scratch file for the cold keys of all of
/// them. Which keys are cold, and when, is no part of any result (rule T8).
/// </summary>
internal sealed class StageStates<TKey, TState> : IStageStates
    where TKey : notnull
{
    /// <summary>
    /// What a state outside of its slot takes for each byte it is written as, and what it takes besides: measured with
    /// small records, lists and dictionaries (docs/formats/state.md).
    /// </summary>
    private const double MemoryOfByte = 2.5;
    private const int MemoryOfObject = 48;
    private const int SamplesOfStep = 4;
    private const int SearchMax = 64;

    /// <summary>
    /// So many bytes of states are looked at for each record at most: large states are looked at less often.
    /// </summary>
    private const int SampledOfRecord = 256;
    private const int SampledMax = 1 << 16;

    private readonly StageName _name;
    private readonly SegmentInstance _instance;
    private readonly StateCode<TState> _code;
    private readonly List<KeyedStates<TKey, TState>> _tables = [];
    private readonly StateWriter _sample = new();
    private SpillFile? _file;
    private double _entryBytes;
    private int _samples;
    private int _made;
    private uint _chance = 1;
    private int _nextTable;
    private long _toSample;
    private long _stuck;

    /// <param name="name">The stage.</param>
    /// <param name="instance">Its worker's segment.</param>
    /// <param name="hasRows">Are changes marked until rows are written? A changed state stays in memory.</param>
    /// <param name="code">How a state is written; null: by its fields.</param>
    public StageStates(StageName name, SegmentInstance instance, bool hasRows, StateCode<TState>? code = null)
    {
        _name = name;
        _instance = instance;
        HasRows = hasRows;
        _code = code ?? new StateCode<TState>(StateCodec<TState>.Write, StateCodec<TState>.Read);
    }

    /// <summary>Are changes marked until rows are written?</summary>
    public bool HasRows { get; }

    /// <summary>Its tables in which keys changed since rows were last written, if <see cref="HasRows"/>.</summary>
    public HashSet<KeyedStates<TKey, TState>> Changing { get; } = [];

    /// <summary>Must a state stay in memory? Default: no.</summary>
    public Predicate<TState> IsHeld { get; init; } = _ => false;

    /// <summary>How many keys its tables have in memory; they count along.</summary>
    public long Keys { get; set; }

    public long WarmBytes => (long)(Keys * KeyBytes);

    public long IndexBytes { get; private set; }

    /// <summary>What a key takes: two slots, as tables are half full, and what its slot refers to.</summary>
    private double KeyBytes => (2 * Unsafe.SizeOf<KeyedStates<TKey, TState>.Slot>())
        + (RuntimeHelpers.IsReferenceOrContainsReferences<KeyedStates<TKey, TState>.Slot>()
            ? MemoryOfObject + (_entryBytes * MemoryOfByte)
            : 0);

    private SpillSpace Space => _instance.Machine.Spill!;

    /// <summary>A further table of states.</summary>
    public KeyedStates<TKey, TState> Make()
    {
        _tables.Add(new KeyedStates<TKey, TState>(this, _made++));
        return _tables[^1];
    }

    /// <summary>A table is used no more.</summary>
    public void Drop(KeyedStates<TKey, TState> table)
    {
        table.Clear();
        _tables.Remove(table);
    }

    public void Measure(int records)
    {
        // Often at first, then now and then: a state is written to see how large it is.
        _toSample = Math.Min(_toSample + ((long)records * SampledOfRecord), SampledMax);
        _stuck = Math.Min(_stuck, WarmBytes);
        if (_tables.Count == 0 || (_samples > 256 && (_chance++ & 15) != 0))
        {
            return;
        }

        for (var i = 0; i < SamplesOfStep && _toSample >= 0; i++)
        {
            _chance = (_chance * 747_796_405) + 2_891_336_453;
            var table = _tables[(int)((_chance >> 8) % (uint)_tables.Count)];
            var slots = table.Slots;
            for (var at = 0; at < SearchMax && table.Count > 0; at++)
            {
                ref var slot = ref slots[(int)(((_chance >> 4) + at) % slots.Length)];
                if (KeyedStates<TKey, TState>.IsTaken(slot))
                {
                    Sample(slot);
                    break;
                }
            }
        }
    }

    public void Shrink(long bytes)
    {
        // What could not be spilled before is not looked through again until there is a quarter more.
        if (WarmBytes <= Math.Max(bytes, _stuck + (_stuck / 4)))
        {
            return;
        }

        // Twice: what was touched is passed over the first time.
        for (var round = 0; round < 2 && WarmBytes > bytes; round++)
        {
            for (var i = 0; i < _tables.Count && WarmBytes > bytes; i++)
            {
                _nextTable = (_nextTable + 1) % _tables.Count;
                var table = _tables[_nextTable];
                if (table.Count > 0)
                {
                    table.Chill((int)Math.Clamp(Math.Ceiling((WarmBytes - bytes) / KeyBytes), 1, table.Count));
                }
            }
        }

        _stuck = WarmBytes > bytes ? WarmBytes : 0;
        _file?.Flush();
        _file?.Compact();
    }

    public void Collected() => _stuck = 0;

    /// <summary>An index of the cold keys of a table.</summary>
    public ColdIndex MakeIndex()
    {
        var index = new ColdIndex();
        IndexBytes += index.Bytes;
        return index;
    }

    /// <summary>Moves a state to the file.</summary>
    public void Write(KeyedStates<TKey, TState> table, ColdIndex index, in KeyedStates<TKey, TState>.Slot slot)
    {
        _sample.Clear();
        StateCodec<TKey>.Write(_sample, slot.Key);
        _code.Write(_sample, slot.State);
        Check(slot.Key, _sample.Written.Length);
        _file ??= Space.Make(_instance.Worker, _name.Number);
        var before = index.Bytes;
        _file.Append(table.Number, index, slot.Tag | KeyTag.All, _sample.Written.Span);
        IndexBytes += index.Bytes - before;
    }

    /// <summary>Takes a key's state out of the file, if it is there.</summary>
    public bool TryTake(ColdIndex index, uint tag, TKey key, out TState state)
    {
        for (var slot = index.First(tag); slot >= 0; slot = index.Next(slot, tag))
        {
            var entry = _file!.Read(index.PlaceOf(slot), isNext: false);
            var from = new StateReader(entry);
            if (EqualityComparer<TKey>.Default.Equals(StateCodec<TKey>.Read(from), key))
            {
                state = _code.Read(from);
                var before = index.Bytes;
                index.Remove(slot, SpillFile.HeadBytes + entry.Length);
                IndexBytes += index.Bytes - before;
                _file.Kill(SpillFile.HeadBytes + entry.Length);
                return true;
            }
        }

        state = default!;
        return false;
    }

    /// <summary>Reads a record; it stays where it is.</summary>
    public (TKey Key, TState State) Read(long place, bool isNext)
    {
        var from = new StateReader(_file!.Read(place, isNext));
        return (StateCodec<TKey>.Read(from), _code.Read(from));
    }

    /// <summary>A table has no cold keys any more.</summary>
    public void Forget(KeyedStates<TKey, TState> table, ColdIndex index)
    {
        IndexBytes -= index.Bytes;
        _file!.Kill(index.RecordBytes);
        _file.Forget(table.Number);
    }

    /// <summary>Writes a table: a count, then of each whether its row is still to be written, key and state.</summary>
    public void Save(KeyedStates<TKey, TState> table, StateWriter into)
    {
        var begin = into.Length;
        into.Write((long)table.Count + table.ColdCount);
        foreach (ref var slot in table.Slots)
        {
            if (KeyedStates<TKey, TState>.IsTaken(slot))
            {
                var start = into.Length;
                into.Write((byte)(HasRows && KeyedStates<TKey, TState>.IsChanged(slot) ? 1 : 0));
                StateCodec<TKey>.Write(into, slot.Key);
                _code.Write(into, slot.State);
                Check(slot.Key, into.Length - start);
                into.EndEntry();
            }
        }

        if (table.Count > 0)
        {
            _entryBytes = (into.Length - begin) / (double)table.Count;
        }

        foreach (var place in table.ColdPlaces())
        {
            into.Write((byte)0);
            into.Write(_file!.Read(place, isNext: true).Span);
            into.EndEntry();
        }
    }

    /// <summary>Reads one entry of what <see cref="Save"/> wrote behind its count.</summary>
    public (TKey Key, TState State, bool IsChanged) Load(StateReader from)
    {
        var before = from.Position;
        var isChanged = from.ReadByte() == 1;
        var entry = (StateCodec<TKey>.Read(from), _code.Read(from), isChanged);
        _instance.Machine.Loaded(from.Position - before);
        return entry;
    }

    private void Check(TKey key, long bytes)
    {
        if (_instance.Machine.Spill is { } space && bytes > space.KeyMax)
        {
            throw space.TooLarge(_name.Label, Shape.KeyText(key), bytes);
        }
    }

    private void Sample(in KeyedStates<TKey, TState>.Slot slot)
    {
        _sample.Clear();
        StateCodec<TKey>.Write(_sample, slot.Key);
        _code.Write(_sample, slot.State);
        _toSample -= _sample.Written.Length;
        _samples++;
        _entryBytes += (_sample.Written.Length - _entryBytes) / Math.Min(_samples, 64);
    }
}
