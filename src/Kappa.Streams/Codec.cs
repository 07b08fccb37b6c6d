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

    /// <summary>Are the bytes those of the value in memory?</summary>
    internal virtual bool IsInPlace => false;

    /// <summary>Reads a record, where the value may not be all of it.</summary>
    internal virtual T ReadRecord(in Record record) => record.HasValue
        ? Read(record.Value)
        : throw new InvalidDataException("The record has no value.");
}
