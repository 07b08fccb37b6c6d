using System.Buffers;
using Kappa.Log;

namespace Kappa.Streams.Codecs;

/// <summary>An older shape of an event: how its records are told, read, and made events of today.</summary>
internal abstract class Upcast<T>(When when)
{
    public When When { get; } = when;

    public abstract string Name { get; }

    public abstract IEnumerable<Delegate> Lambdas { get; }

    public abstract IEnumerable<Type> Types { get; }

    public abstract T Read(in Record record);
}

/// <inheritdoc/>
internal sealed class Upcast<TOld, T>(When when, Codec<TOld> codec, Func<TOld, T> upcast) : Upcast<T>(when)
{
    public override string Name => $"{codec.Name} {typeof(TOld).Name} when {When}";

    public override IEnumerable<Delegate> Lambdas =>
        (When.Predicate is { } holds ? codec.Lambdas.Append(holds) : codec.Lambdas).Append(upcast);

    public override IEnumerable<Type> Types => codec.Types;

    public override T Read(in Record record)
    {
        TOld old;
        try
        {
            old = codec.Read(record);
        }
        catch (Exception error) when (UserCode.MayFail(error))
        {
            throw new InvalidDataException(
                $"A record is a {typeof(TOld).Name}, as {When}, but cannot be read as one: {Said(error)}", error);
        }

        try
        {
            return upcast(old) ?? throw new InvalidDataException("The upcast gave null.");
        }
        catch (Exception error) when (UserCode.MayFail(error))
        {
            throw new InvalidDataException(
                $"The upcast from {typeof(TOld).Name} to {typeof(T).Name} failed: {Said(error)}", error);
        }
    }

    private static string Said(Exception error) =>
        error is InvalidDataException ? error.Message : $"{error.GetType().Name}: {error.Message}";
}

/// <summary>Reads events of today and of older shapes: the first whose condition holds says which one.</summary>
internal sealed class UpcastCodec<T>(Codec<T> today, Upcast<T>[] older) : Codec<T>
{
    public override string Name =>
        $"{today.Name} ({string.Join("; ", older.Select(one => "from " + one.Name))})";

    internal override bool IsJson => today.IsJson;

    internal override bool ReadsRecords => true;

    internal override IEnumerable<Delegate> Lambdas => today.Lambdas.Concat(older.SelectMany(one => one.Lambdas));

    internal override IEnumerable<Type> Types => today.Types.Concat(older.SelectMany(one => one.Types)).Distinct();

    public override void Write(T value, IBufferWriter<byte> into) => today.Write(value, into);

    public override T Read(ReadOnlySpan<byte> bytes)
    {
        var record = new ArrayBufferWriter<byte>(bytes.Length + 8);
        RecordCodec.Write(record, NewRecord.Of(null, bytes.ToArray()));
        var records = new RecordBatch("", 0, 0, 0, 1, record.WrittenMemory).GetEnumerator();
        records.MoveNext();
        return Read(records.Current);
    }

    internal override T Read(in Record record)
    {
        foreach (var one in older)
        {
            if (one.When.Holds(record))
            {
                return one.Read(record);
            }
        }

        return today.Read(record);
    }

    internal override Codec<T> With(Upcast<T> one) => new UpcastCodec<T>(today, [.. older, one]);

    internal override Codec<TOther> Same<TOther>() => today.Same<TOther>();
}
