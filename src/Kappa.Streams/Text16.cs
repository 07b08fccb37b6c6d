using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Kappa.Streams;

/// <summary>
/// A short text of at most 16 UTF-8 bytes, held inline: as a key or a property it needs no allocation. Without the
/// character U+0000. A column of it is a text column. Compared by its bytes, which is the order of code points.
/// </summary>
[JsonConverter(typeof(JsonForm))]
[StructLayout(LayoutKind.Sequential)]
public readonly struct Text16 : IEquatable<Text16>, IComparable<Text16>
{
    /// <summary>The most UTF-8 bytes it holds.</summary>
    public const int BytesMax = 16;

    // The bytes as they would lie in memory, the first one lowest: so equality is two comparisons.
    private readonly ulong _first;
    private readonly ulong _last;

    internal Text16(ulong first, ulong last)
    {
        _first = first;
        _last = last;
    }

    private Text16(ReadOnlySpan<byte> padded)
    {
        _first = BinaryPrimitives.ReadUInt64LittleEndian(padded);
        _last = BinaryPrimitives.ReadUInt64LittleEndian(padded[8..]);
    }

    /// <summary>Holds a text.</summary>
    /// <exception cref="ArgumentException">It has more than 16 UTF-8 bytes, or the character U+0000.</exception>
    public static Text16 Of(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        Span<byte> bytes = stackalloc byte[BytesMax];
        return Encoding.UTF8.TryGetBytes(text, bytes, out var length)
            ? Of(bytes[..length])
            : throw new ArgumentException($"'{text}' has more than {BytesMax} UTF-8 bytes.", nameof(text));
    }

    /// <summary>Holds a text given as UTF-8.</summary>
    /// <exception cref="ArgumentException">
    /// It has more than 16 bytes, the character U+0000, or is no UTF-8.
    /// </exception>
    public static Text16 Of(ReadOnlySpan<byte> utf8)
    {
        if (utf8.Length > BytesMax || utf8.Contains((byte)0) || !System.Text.Unicode.Utf8.IsValid(utf8))
        {
            throw new ArgumentException(
                $"{utf8.Length} bytes are not a text of at most {BytesMax} UTF-8 bytes without U+0000.", nameof(utf8));
        }

        Span<byte> padded = stackalloc byte[BytesMax];
        padded.Clear();
        utf8.CopyTo(padded);
        return new Text16(padded);
    }

    /// <summary>How many UTF-8 bytes it has.</summary>
    public int Length
    {
        get
        {
            Span<byte> bytes = stackalloc byte[BytesMax];
            CopyTo(bytes);
            var end = bytes.IndexOf((byte)0);
            return end < 0 ? BytesMax : end;
        }
    }

    /// <summary>Copies its bytes, padded with zeros to 16.</summary>
    public void CopyTo(Span<byte> into)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(into, _first);
        BinaryPrimitives.WriteUInt64LittleEndian(into[8..], _last);
    }

    /// <inheritdoc/>
    public bool Equals(Text16 other) => _first == other._first && _last == other._last;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Text16 other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() =>
        (int)(((_first ^ (_last * 0x9E37_79B9_7F4A_7C15ul)) * 0xD6E8_FEB8_6659_FD93ul) >> 32);

    /// <inheritdoc/>
    public int CompareTo(Text16 other)
    {
        var order = BinaryPrimitives.ReverseEndianness(_first).CompareTo(
            BinaryPrimitives.ReverseEndianness(other._first));
        return order != 0
            ? order
            : BinaryPrimitives.ReverseEndianness(_last).CompareTo(BinaryPrimitives.ReverseEndianness(other._last));
    }

    /// <summary>Is it the same text?</summary>
    public static bool operator ==(Text16 left, Text16 right) => left.Equals(right);

    /// <summary>Is it another text?</summary>
    public static bool operator !=(Text16 left, Text16 right) => !left.Equals(right);

    /// <summary>Does it come before the other?</summary>
    public static bool operator <(Text16 left, Text16 right) => left.CompareTo(right) < 0;

    /// <summary>Does it come behind the other?</summary>
    public static bool operator >(Text16 left, Text16 right) => left.CompareTo(right) > 0;

    /// <summary>Is it the other, or before it?</summary>
    public static bool operator <=(Text16 left, Text16 right) => left.CompareTo(right) <= 0;

    /// <summary>Is it the other, or behind it?</summary>
    public static bool operator >=(Text16 left, Text16 right) => left.CompareTo(right) >= 0;

    /// <summary>The text.</summary>
    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[BytesMax];
        CopyTo(bytes);
        var end = bytes.IndexOf((byte)0);
        return Encoding.UTF8.GetString(end < 0 ? bytes : bytes[..end]);
    }

    /// <summary>Holds a text known to be ASCII, without U+0000 and short enough.</summary>
    internal static Text16 FromAscii(ReadOnlySpan<byte> ascii)
    {
        Span<byte> padded = stackalloc byte[BytesMax];
        padded.Clear();
        ascii.CopyTo(padded);
        return new Text16(padded);
    }

    /// <summary>Reads the 16 bytes that <see cref="CopyTo"/> wrote.</summary>
    /// <exception cref="InvalidDataException">They are no such text.</exception>
    internal static Text16 FromPadded(ReadOnlySpan<byte> padded)
    {
        if (padded.Length == BytesMax && IsPlain(Vector128.Create(padded)))
        {
            return new Text16(padded);
        }

        var end = padded.IndexOf((byte)0);
        var text = end < 0 ? padded : padded[..end];
        return !padded[text.Length..].ContainsAnyExcept((byte)0) && System.Text.Unicode.Utf8.IsValid(text)
            ? new Text16(padded)
            : throw new InvalidDataException("16 bytes are not a short text.");
    }

    /// <summary>ASCII, and zeros only behind it.</summary>
    private static bool IsPlain(Vector128<byte> padded)
    {
        var used = 0xFFFF & ~Vector128.Equals(padded, Vector128<byte>.Zero).ExtractMostSignificantBits();
        return padded.ExtractMostSignificantBits() == 0 && (used & (used + 1)) == 0;
    }

    private sealed class JsonForm : JsonConverter<Text16>
    {
        public override Text16 Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            var text = reader.TokenType == JsonTokenType.String
                ? reader.GetString()!
                : throw new JsonException("A short text is a JSON string.");
            try
            {
                return Of(text);
            }
            catch (ArgumentException wrong)
            {
                throw new JsonException(wrong.Message, wrong);
            }
        }

        public override void Write(Utf8JsonWriter writer, Text16 value, JsonSerializerOptions options) =>
            writer.WriteStringValue(value.ToString());
    }
}
