using System.Buffers;
using Kappa.Log;
using Kappa.Streams.Codecs;
using Kappa.Streams.Runtime;

namespace Kappa.Streams;

/// <summary>How the events of a topic are written as bytes. Part of a job's fingerprint (rule V2).</summary>
public static class Codec
{
    /// <summary>
    /// JSON in UTF-8, the default: names are case-insensitive, unknown ones skipped, missing required ones an error.
    /// </summary>
    public static Codec<T> Json<T>() => new JsonFormat<T>();

    /// <summary>
    /// Little-endian, field after field in order of declaration (docs/formats/binary.md). A sequential struct of
    /// numbers without padding is read in place, without decoding.
    /// </summary>
    /// <exception cref="KappaException">A field is of a type the format does not have.</exception>
    public static Codec<T> Binary<T>() => BinaryFormat.Of<T>();
}

/// <summary>Writes and reads values of a type.</summary>
/// <typeparam name="T">The event.</typeparam>
public abstract class Codec<T>
{
    internal Codec()
    {
    }

    /// <summary>The format's name, as fingerprints have it.</summary>
    public abstract string Name { get; }

    /// <summary>Appends a value's bytes to a buffer.</summary>
    public abstract void Write(T value, IBufferWriter<byte> into);

    /// <summary>Reads a value of which these are all bytes.</summary>
    /// <exception cref="InvalidDataException">The bytes are not a value of this type.</exception>
    /// <exception cref="System.Text.Json.JsonException">The text is not a value of this type.</exception>
    public abstract T Read(ReadOnlySpan<byte> bytes);

    /// <summary>
    /// Reads records of an older shape as well: the older type, in the same format, and a pure function that makes
    /// today's event of it. Conditions are asked in the order written, and the first that holds decides; where none
    /// does, the record is of today. What cannot be read or made is a dead letter.
    /// </summary>
    /// <typeparam name="TOld">The older shape.</typeparam>
    /// <param name="when">How a record of the older shape is told.</param>
    /// <param name="upcast">Makes today's event. Part of the fingerprint (rule V2).</param>
    /// <exception cref="KappaException">The condition asks for JSON of a codec that has none.</exception>
    public Codec<T> Upcast<TOld>(When when, Func<TOld, T> upcast) => Upcast(when, upcast, Same<TOld>());

    /// <summary>
    /// The same for records in another format, or of a shape that has older shapes itself: V1 to V2 to V3.
    /// </summary>
    /// <typeparam name="TOld">The older shape.</typeparam>
    /// <param name="when">How a record of the older shape is told, or of any shape the codec reads.</param>
    /// <param name="upcast">Makes today's event. Part of the fingerprint (rule V2).</param>
    /// <param name="codec">How the older shape is read.</param>
    /// <exception cref="KappaException">The condition asks for JSON of codecs that have none.</exception>
    public Codec<T> Upcast<TOld>(When when, Func<TOld, T> upcast, Codec<TOld> codec)
    {
        ArgumentNullException.ThrowIfNull(when);
        ArgumentNullException.ThrowIfNull(upcast);
        ArgumentNullException.ThrowIfNull(codec);
        if (when.AsksJson && !IsJson)
        {
            throw new KappaException(
                ErrorKind.Invalid,
                $"The upcast from {typeof(TOld).Name} asks whether {when}, of records in the {Name} format: only "
                + "JSON has properties.",
                "Tell them by When.Header or When.Bytes.");
        }

        return With(new Upcast<TOld, T>(when, codec, upcast));
    }

    /// <summary>Are its records JSON?</summary>
    internal virtual bool IsJson => false;

    /// <summary>Are the bytes those of the value in memory?</summary>
    internal virtual bool IsInPlace => false;

    /// <summary>Reads a record, where the value may not be all of it.</summary>
    internal virtual T ReadRecord(in Record record) => record.HasValue
        ? Read(record)
        : throw new InvalidDataException("The record has no value.");

    /// <summary>The user's code it runs: part of the fingerprint.</summary>
    internal virtual IEnumerable<Delegate> Lambdas => [];

    /// <summary>The types it reads.</summary>
    internal virtual IEnumerable<Type> Types => [typeof(T)];

    /// <summary>Reads a record that has a value.</summary>
    internal virtual T Read(in Record record) => Read(record.Value);

    /// <summary>Does it look at more of a record than its value?</summary>
    internal virtual bool ReadsRecords => false;

    /// <summary>Reads a value into one that is there.</summary>
    internal virtual void Read(ReadOnlySpan<byte> bytes, ref T value) => value = Read(bytes);

    /// <summary>The same with one older shape more.</summary>
    internal virtual Codec<T> With(Upcast<T> one) => new UpcastCodec<T>(this, [one]);

    /// <summary>The same format for another type.</summary>
    internal abstract Codec<TOther> Same<TOther>();
}
