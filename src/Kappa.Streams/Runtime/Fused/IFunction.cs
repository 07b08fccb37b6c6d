namespace Kappa.Streams.Runtime.Fused;

/// <summary>
/// A user's lambda as a struct: a loop over a struct type is compiled for it alone, and the call disappears in it.
/// </summary>
internal interface IFunction<T, TResult>
{
    TResult Invoke(ref T value);
}

/// <summary>A user's fold as a struct. Where it throws, the state is as it was.</summary>
internal interface IFold<TState, T>
{
    void Invoke(ref TState state, ref T value);
}

/// <summary>A lambda that cannot be emitted, called as the delegate it is.</summary>
internal struct CalledFunction<T, TResult>(Func<T, TResult> function) : IFunction<T, TResult>
{
    public readonly TResult Invoke(ref T value) => function(value);
}

/// <summary>A fold that cannot be emitted.</summary>
internal struct CalledFold<TState, T>(Func<TState, T, TState> fold) : IFold<TState, T>
{
    public readonly void Invoke(ref TState state, ref T value) => state = fold(state, value);
}

/// <summary>Holds for every value.</summary>
internal struct Always<T> : IFunction<T, bool>
{
    public readonly bool Invoke(ref T value) => true;
}

/// <summary>Holds where both do.</summary>
internal struct Both<T, TFirst, TSecond>(TFirst first, TSecond second) : IFunction<T, bool>
    where TFirst : struct, IFunction<T, bool>
    where TSecond : struct, IFunction<T, bool>
{
    private TFirst _first = first;
    private TSecond _second = second;

    public bool Invoke(ref T value) => _first.Invoke(ref value) && _second.Invoke(ref value);
}
