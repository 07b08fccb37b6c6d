using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;

namespace Kappa.Streams.Runtime;

/// <summary>
/// Reads plain events out of JSON by the layouts it has seen. Whatever it is not sure of, it leaves to the serializer:
/// the values are always those that it would give.
/// </summary>
internal sealed class JsonScanner<T>(JsonPlan<T> plan)
{
    private const int LayoutsMax = 4;
    private const int LearningsMax = 1_000;
    private const int HitsBeforeCode = 40;

    private readonly JsonSlot[] _slots = new JsonSlot[plan.Fields.Length];
    private readonly bool[] _read = new bool[plan.Fields.Length];
    private readonly List<Known> _layouts = [];
    private int _learnings;

    public T Read(ReadOnlySpan<byte> text)
    {
        T value = default!;
        Read(text, ref value);
        return value;
    }

    public void Read(ReadOnlySpan<byte> text, ref T value)
    {
        for (var i = 0; i < _layouts.Count; i++)
        {
            var known = _layouts[i];
            if (known.Code is { } code)
            {
                if (!code(ref MemoryMarshal.GetReference(text), text.Length, ref value))
                {
                    continue;
                }
            }
            else if (TryRead(text, known.Layout))
            {
                value = plan.Make(_slots, _read);
                if (++known.Hits == HitsBeforeCode)
                {
                    known.Code = plan.CodeOf(known.Layout);
                }
            }
            else
            {
                continue;
            }

            if (i > 0)
            {
                (_layouts[0], _layouts[i]) = (_layouts[i], _layouts[0]);
            }

            return;
        }

        value = JsonCodec.Decode<T>(text);
        if (_learnings < LearningsMax)
        {
            _learnings++;
            Learn(text);
        }
    }

    private void Learn(ReadOnlySpan<byte> text)
    {
        // A text whose layout is known and that was not read all the same has values of a form that is not.
        if (JsonLayout.Of(text, plan.Fields) is { } layout && TryRead(text, layout))
        {
            if (_layouts.Count == LayoutsMax)
            {
                _layouts.RemoveAt(LayoutsMax - 1);
            }

            _layouts.Insert(0, new Known(layout));
        }
    }

    private bool TryRead(ReadOnlySpan<byte> text, JsonLayout layout)
    {
        Array.Clear(_read);
        var at = 0;
        foreach (var (before, field) in layout.Values)
        {
            if (!text[at..].StartsWith(before))
            {
                return false;
            }

            at += before.Length;
            if (field < 0)
            {
                if (!JsonValues.TrySkip(text, ref at))
                {
                    return false;
                }
            }
            else if (TryRead(text, ref at, plan.Fields[field], ref _slots[field]))
            {
                _read[field] = true;
            }
            else
            {
                return false;
            }
        }

        return text[at..].SequenceEqual(layout.End);
    }

    private static bool TryRead(ReadOnlySpan<byte> text, ref int at, JsonField field, ref JsonSlot slot)
    {
        switch (field.Kind)
        {
            case JsonKind.Whole:
                return JsonValues.TryWhole(text, ref at, out slot.Whole)
                    && slot.Whole >= field.Least && slot.Whole <= field.Most;
            case JsonKind.Real:
                return JsonValues.TryReal(text, ref at, out slot.Real);
            case JsonKind.Flag:
                return JsonValues.TryFlag(text, ref at, out slot.Whole);
            case JsonKind.Text:
                if (!JsonValues.TryText(text, ref at, out var content))
                {
                    return false;
                }

                slot.Text = Encoding.ASCII.GetString(content);
                return true;
            case JsonKind.ShortText:
                if (!JsonValues.TryText(text, ref at, out content) || content.Length > Text16.BytesMax)
                {
                    return false;
                }

                slot.ShortText = Text16.FromAscii(content);
                return true;
            case JsonKind.Time:
                return JsonValues.TryText(text, ref at, out content) && JsonValues.TryTime(content, out slot.Time);
            default:
                return false;
        }
    }

    /// <summary>A layout; once it has been seen often, with code of its own.</summary>
    private sealed class Known(JsonLayout layout)
    {
        public JsonLayout Layout { get; } = layout;

        public int Hits { get; set; }

        public ReadLayout<T>? Code { get; set; }
    }
}

/// <summary>
/// Reads JSON values of the commonest forms, and says no to all others: also to such as the serializer accepts.
/// </summary>
internal static class JsonValues
{
    // Up to 15 digits are exact in a double, and so are powers of ten up to 22: one division then rounds right.
    private const int ExactDigits = 15;

    private static readonly double[] Powers =
        [1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15];

    /// <summary>What ends a plain text, or makes it another: a quote, an escape, controls, all beyond ASCII.</summary>
    private static readonly SearchValues<byte> NotPlain = SearchValues.Create(
        [.. Enumerable.Range(0, 256).Where(b => b is < 0x20 or '"' or '\\' or >= 0x80).Select(b => (byte)b)]);

    public static bool TryWhole(ReadOnlySpan<byte> text, ref int at, out long value)
    {
        var isNegative = at < text.Length && text[at] == '-';
        at += isNegative ? 1 : 0;
        var first = at;
        value = 0;
        for (; at < text.Length && (uint)(text[at] - '0') <= 9; at++)
        {
            value = (value * 10) + (text[at] - '0');
            if (at - first >= 18)
            {
                return false;
            }
        }

        var digits = at - first;
        var isWhole = digits > 0 && (digits == 1 || text[first] != '0')
            && (at == text.Length || text[at] is not ((byte)'.' or (byte)'e' or (byte)'E'));
        value = isNegative ? -value : value;
        return isWhole;
    }

    public static bool TryReal(ReadOnlySpan<byte> text, ref int at, out double value)
    {
        var isNegative = at < text.Length && text[at] == '-';
        at += isNegative ? 1 : 0;
        var first = at;
        long digits = 0;
        var point = -1;
        for (; at < text.Length; at++)
        {
            var digit = (uint)(text[at] - '0');
            if (digit <= 9)
            {
                digits = (digits * 10) + digit;
            }
            else if (text[at] == '.' && point < 0)
            {
                point = at;
            }
            else
            {
                break;
            }

            if (at - first > ExactDigits)
            {
                break;
            }
        }

        var whole = (point < 0 ? at : point) - first;
        var behind = point < 0 ? 0 : at - point - 1;
        value = 0;
        if (whole < 1 || (whole > 1 && text[first] == '0') || (point >= 0 && behind < 1) || whole + behind > ExactDigits
            || (at < text.Length && (uint)(text[at] - '0') <= 9)
            || (at < text.Length && text[at] is (byte)'e' or (byte)'E' or (byte)'.'))
        {
            return false;
        }

        value = digits / Powers[behind];
        value = isNegative ? -value : value;
        return true;
    }

    public static bool TryFlag(ReadOnlySpan<byte> text, ref int at, out long value)
    {
        var rest = text[at..];
        value = rest.StartsWith("true"u8) ? 1 : 0;
        if (value == 0 && !rest.StartsWith("false"u8))
        {
            return false;
        }

        at += value == 1 ? 4 : 5;
        return true;
    }

    /// <summary>A text of plain ASCII, without escapes.</summary>
    public static bool TryText(ReadOnlySpan<byte> text, ref int at, out ReadOnlySpan<byte> content)
    {
        content = default;
        if (at >= text.Length || text[at] != '"')
        {
            return false;
        }

        var rest = text[(at + 1)..];
        var end = rest.IndexOfAny(NotPlain);
        if (end < 0 || rest[end] != '"')
        {
            return false;
        }

        content = rest[..end];
        at += end + 2;
        return true;
    }

    /// <summary>A time as <c>2026-03-01T00:00:00.123Z</c>, with up to seven digits, or with an offset for Z.</summary>
    public static bool TryTime(ReadOnlySpan<byte> text, out DateTimeOffset time)
    {
        time = default;
        if (text.Length < 20 || text[4] != '-' || text[7] != '-' || text[10] != 'T' || text[13] != ':'
            || text[16] != ':' || !TryDigits(text[..4], out var year) || !TryDigits(text[5..7], out var month)
            || !TryDigits(text[8..10], out var day) || !TryDigits(text[11..13], out var hour)
            || !TryDigits(text[14..16], out var minute) || !TryDigits(text[17..19], out var second)
            || year < 2 || year > 9998 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month)
            || hour > 23 || minute > 59 || second > 59)
        {
            return false;
        }

        var rest = text[19..];
        var fraction = 0;
        if (rest[0] == '.')
        {
            var digits = 1;
            for (; digits < rest.Length && (uint)(rest[digits] - '0') <= 9; digits++)
            {
                fraction = digits <= 7 ? (fraction * 10) + (rest[digits] - '0') : fraction;
            }

            if (digits is < 2 or > 8)
            {
                return false;
            }

            for (var missing = digits; missing < 8; missing++)
            {
                fraction *= 10;
            }

            rest = rest[digits..];
        }

        var local = new DateTime(year, month, day, hour, minute, second).AddTicks(fraction);
        if (rest.Length == 1 && rest[0] == 'Z')
        {
            time = new DateTimeOffset(local.Ticks, TimeSpan.Zero);
            return true;
        }

        if (rest.Length != 6 || rest[0] is not ((byte)'+' or (byte)'-') || rest[3] != ':'
            || !TryDigits(rest[1..3], out var hours) || !TryDigits(rest[4..6], out var minutes)
            || hours > 13 || minutes > 59)
        {
            return false;
        }

        var offset = new TimeSpan(hours, minutes, 0);
        time = new DateTimeOffset(local.Ticks, rest[0] == '-' ? -offset : offset);
        return true;
    }

    /// <summary>Passes over a value that is not asked for.</summary>
    public static bool TrySkip(ReadOnlySpan<byte> text, ref int at)
    {
        if (at >= text.Length)
        {
            return false;
        }

        switch (text[at])
        {
            case (byte)'"':
                return TryText(text, ref at, out _);
            case (byte)'t' or (byte)'f':
                return TryFlag(text, ref at, out _);
            case (byte)'n':
                at += 4;
                return text[(at - 4)..].StartsWith("null"u8);
            default:
                return TryReal(text, ref at, out _);
        }
    }

    private static bool TryDigits(ReadOnlySpan<byte> text, out int value)
    {
        value = 0;
        foreach (var b in text)
        {
            var digit = (uint)(b - '0');
            if (digit > 9)
            {
                return false;
            }

            value = (value * 10) + (int)digit;
        }

        return true;
    }
}
