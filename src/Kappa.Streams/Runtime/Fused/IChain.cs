using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Kappa.Streams.Runtime.Fused;

/// <summary>What happens to an event between its source and its key, one struct around the other.</summary>
internal interface IChain<T, TKey>
{
    /// <summary>Starts on a batch of so many events.</summary>
    void Begin(int count);

    /// <summary>Where the values that come out are counted from, given where those are that go in.</summary>
    ref byte Origin(ref byte origin);

    /// <summary>Takes the next event.</summary>
    /// <param name="value">The event.</param>
    /// <param name="at">Where it is; then, where what came out is.</param>
    /// <param name="key">The key of what came out.</param>
    /// <returns>False where nothing came out.</returns>
    bool Next(ref T value, ref int at, out TKey key);
}

/// <summary>Keeps what a predicate holds for.</summary>
internal struct Filtered<T, TKey, TPredicate, TBehind>(TPredicate predicate, TBehind behind) : IChain<T, TKey>
    where TPredicate : struct, IFunction<T, bool>
    where TBehind : struct, IChain<T, TKey>
{
    private TPredicate _predicate = predicate;
    private TBehind _behind = behind;

    public void Begin(int count) => _behind.Begin(count);

    public ref byte Origin(ref byte origin) => ref _behind.Origin(ref origin);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Next(ref T value, ref int at, out TKey key)
    {
        if (_predicate.Invoke(ref value))
        {
            return _behind.Next(ref value, ref at, out key);
        }

        key = default!;
        return false;
    }
}

/// <summary>Makes another value of each and keeps it until the batch is done.</summary>
internal struct Mapped<T, TResult, TKey, TMap, TBehind>(TMap map, TBehind behind) : IChain<T, TKey>
    where TMap : struct, IFunction<T, TResult>
    where TBehind : struct, IChain<TResult, TKey>
{
    private TMap _map = map;
    private TBehind _behind = behind;
    private TResult[] _made = [];
    private int _count;

    public void Begin(int count)
    {
        if (_made.Length < count)
        {
            _made = new TResult[count + (count / 2)];
        }

        _count = 0;
        _behind.Begin(count);
    }

    public ref byte Origin(ref byte origin) =>
        ref _behind.Origin(ref Unsafe.As<TResult, byte>(ref MemoryMarshal.GetArrayDataReference(_made)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Next(ref T value, ref int at, out TKey key)
    {
        ref var made = ref _made[_count];
        made = _map.Invoke(ref value);
        at = _count++ * Unsafe.SizeOf<TResult>();
        return _behind.Next(ref made, ref at, out key);
    }
}

/// <summary>The end: gives each value its key, and keeps what a predicate behind the key holds for.</summary>
internal struct Keyed<T, TKey, TSelect, TAfter>(TSelect select, TAfter after) : IChain<T, TKey>
    where TSelect : struct, IFunction<T, TKey>
    where TAfter : struct, IFunction<T, bool>
{
    private TSelect _select = select;
    private TAfter _after = after;

    public readonly void Begin(int count)
    {
    }

    public readonly ref byte Origin(ref byte origin) => ref origin;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Next(ref T value, ref int at, out TKey key)
    {
        key = _select.Invoke(ref value);
        if (key is null)
        {
            throw new InvalidOperationException(UserCode.NullKey);
        }

        return _after.Invoke(ref value);
    }
}
