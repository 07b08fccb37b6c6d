using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Kappa.Streams.Runtime;

/// <summary>
/// Reads JSON values several bytes at a time, for the code that is made of a layout: the same forms as
/// <see cref="JsonValues"/>. Each takes where the value begins and returns where it ends; −1 for no such value.
/// </summary>
internal static class JsonBytes
{
    private const int DigitsMax = 18;
    private const int ExactDigits = 15;

    private static readonly long[] Whole =
        [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000];

    private static readonly double[] Powers =
        [1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15];

    public static int TakeWhole(ref byte text, int length, int at, out long value)
    {
        value = 0;
        var isNegative = at < length && Unsafe.Add(ref text, at) == '-';
        at += isNegative ? 1 : 0;
        var first = at;
        at = TakeDigits(ref text, length, at, ref value);
        var digits = at - first;
        if (digits is 0 or > DigitsMax || (digits > 1 && Unsafe.Add(ref text, first) == '0')
            || (at < length && Unsafe.Add(ref text, at) is (byte)'.' or (byte)'e' or (byte)'E'))
        {
            return -1;
        }

        value = isNegative ? -value : value;
        return at;
    }

    public static int TakeReal(ref byte text, int length, int at, out double value)
    {
        value = 0;
        var isNegative = at < length && Unsafe.Add(ref text, at) == '-';
        at += isNegative ? 1 : 0;
        var first = at;
        long digits = 0;
        at = TakeDigits(ref text, length, at, ref digits);
        var whole = at - first;
        var behind = 0;
        if (at < length && Unsafe.Add(ref text, at) == '.')
        {
            var point = ++at;
            at = TakeDigits(ref text, length, at, ref digits);
            behind = at - point;
            if (behind == 0)
            {
                return -1;
            }
        }

        if (whole == 0 || whole + behind > ExactDigits || (whole > 1 && Unsafe.Add(ref text, first) == '0')
            || (at < length && Unsafe.Add(ref text, at) is (byte)'e' or (byte)'E' or (byte)'.'))
        {
            return -1;
        }

        // Both are exact in a double, so one division rounds right.
        value = digits / Powers[behind];
        value = isNegative ? -value : value;
        return at;
    }

    public static int TakeShortText(ref byte text, int length, int at, out Text16 value)
    {
        if (length - at < Text16.BytesMax + 2 || !BitConverter.IsLittleEndian)
        {
            var isText = JsonValues.TryText(Span(ref text, length), ref at, out var content)
                && content.Length <= Text16.BytesMax;
            value = isText ? Text16.FromAscii(content) : default;
            return isText ? at : -1;
        }

        value = default;
        var bytes = Vector128.LoadUnsafe(ref text, (nuint)at + 1);
        var quotes = Vector128.Equals(bytes, Vector128.Create((byte)'"')).ExtractMostSignificantBits();
        var end = quotes == 0 ? Text16.BytesMax : BitOperations.TrailingZeroCount(quotes);
        var other = (Vector128.LessThan(bytes, Vector128.Create((byte)0x20))
            | Vector128.Equals(bytes, Vector128.Create((byte)'\\'))).ExtractMostSignificantBits()
            | bytes.ExtractMostSignificantBits();
        if (Unsafe.Add(ref text, at) != '"' || Unsafe.Add(ref text, at + 1 + end) != '"'
            || (other & ((1u << end) - 1)) != 0)
        {
            return -1;
        }

        var words = bytes.AsUInt64();
        value = end < 8
            ? new Text16(words[0] & ((1ul << (end * 8)) - 1), 0)
            : new Text16(words[0], end == 16 ? words[1] : words[1] & ((1ul << ((end - 8) * 8)) - 1));
        return at + end + 2;
    }

    public static int TakeText(ref byte text, int length, int at, out string value)
    {
        var isText = JsonValues.TryText(Span(ref text, length), ref at, out var content);
        value = isText ? System.Text.Encoding.ASCII.GetString(content) : "";
        return isText ? at : -1;
    }

    public static int TakeTime(ref byte text, int length, int at, out DateTimeOffset value)
    {
        value = default;
        return JsonValues.TryText(Span(ref text, length), ref at, out var content)
            && JsonValues.TryTime(content, out value) ? at : -1;
    }

    public static int TakeFlag(ref byte text, int length, int at, out long value) =>
        JsonValues.TryFlag(Span(ref text, length), ref at, out value) ? at : -1;

    public static int TakeAny(ref byte text, int length, int at) =>
        JsonValues.TrySkip(Span(ref text, length), ref at) ? at : -1;

    private static ReadOnlySpan<byte> Span(ref byte text, int length) =>
        MemoryMarshal.CreateReadOnlySpan(ref text, length);

    /// <summary>Takes all digits from a position on, eight at a time, behind those taken before.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int TakeDigits(ref byte text, int length, int at, ref long value)
    {
        var first = at;
        while (BitConverter.IsLittleEndian && length - at >= 8 && at - first <= DigitsMax)
        {
            var word = Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref text, at)) ^ 0x3030_3030_3030_3030;

            // A digit is 0 to 9 here; the first byte that is none gets its highest bit.
            var others = (word | (word + 0x7676_7676_7676_7676)) & 0x8080_8080_8080_8080;
            var count = others == 0 ? 8 : BitOperations.TrailingZeroCount(others) >> 3;
            if (count == 0)
            {
                return at;
            }

            // Zeros in front, as it were: the last digit comes last.
            word <<= (8 - count) * 8;
            word = (word * 2561) >> 8;
            word = ((word & 0x00FF_00FF_00FF_00FF) * 6_553_601) >> 16;
            word = ((word & 0x0000_FFFF_0000_FFFF) * 42_949_672_960_001) >> 32;
            value = unchecked((value * Whole[count]) + (long)word);
            at += count;
            if (count < 8)
            {
                return at;
            }
        }

        for (; at < length && (uint)(Unsafe.Add(ref text, at) - '0') <= 9 && at - first <= DigitsMax; at++)
        {
            value = unchecked((value * 10) + (Unsafe.Add(ref text, at) - '0'));
        }

        return at;
    }
}
