using System.Buffers.Text;
using System.Globalization;
using System.Text;
using Kappa.Log;
using Kappa.Tables.Loop;

namespace Kappa.Streams.Runtime;

/// <summary>
/// Which of a job's outputs a record is (rule E1, docs/formats/derived.md): the place of its cause, and its number
/// among those of that place. No version is part of it, so that two versions that say the same say it under one id.
/// </summary>
/// <param name="Place">The place of the record that caused it.</param>
/// <param name="Index">0 for the first that this output says at the place.</param>
public readonly record struct OutputId(Place Place, int Index) : IComparable<OutputId>
{
    /// <summary>The header that carries the id, as <c>job/output/time/record/index</c>.</summary>
    public const string Header = "kappa-id";

    private const int TimeLength = 28;

    /// <summary>Before every output.</summary>
    public static OutputId None => new(Place.Start, -1);

    /// <inheritdoc/>
    public int CompareTo(OutputId other)
    {
        var order = Place.CompareTo(other.Place);
        return order != 0 ? order : Index.CompareTo(other.Index);
    }

    /// <summary>Is the left one said before the right one?</summary>
    public static bool operator <(OutputId left, OutputId right) => left.CompareTo(right) < 0;

    /// <summary>Is the left one said after the right one?</summary>
    public static bool operator >(OutputId left, OutputId right) => left.CompareTo(right) > 0;

    /// <summary>Is the left one the right one, or said before it?</summary>
    public static bool operator <=(OutputId left, OutputId right) => left.CompareTo(right) <= 0;

    /// <summary>Is the left one the right one, or said after it?</summary>
    public static bool operator >=(OutputId left, OutputId right) => left.CompareTo(right) >= 0;

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Place}/{Index}");

    /// <summary>What ids of an output begin with.</summary>
    internal static byte[] PrefixOf(string job, VersionOutput output) =>
        Encoding.UTF8.GetBytes($"{job}/{output.Topic}/");

    /// <summary>The bytes of the header.</summary>
    internal byte[] ToHeader(ReadOnlySpan<byte> prefix)
    {
        Span<byte> text = stackalloc byte[TimeLength + 24];
        new DateTime(Place.LogTime, DateTimeKind.Utc).TryFormat(text, out var used, "O", CultureInfo.InvariantCulture);
        text[used++] = (byte)'/';
        Utf8Formatter.TryFormat(Place.Index, text[used..], out var more);
        used += more;
        text[used++] = (byte)'/';
        Utf8Formatter.TryFormat(Index, text[used..], out more);
        return [.. prefix, .. text[..(used + more)]];
    }

    /// <summary>Reads the id of a record; false where it has none.</summary>
    public static bool TryRead(in Record record, out OutputId id)
    {
        id = None;
        if (!record.TryGetHeader("kappa-id"u8, out var text) || !TakeNumber(ref text, out var index)
            || !TakeNumber(ref text, out var number) || text.Length < TimeLength
            || !Utf8Parser.TryParse(text[^TimeLength..], out DateTimeOffset time, out var used, 'O')
            || used != TimeLength)
        {
            return false;
        }

        id = new OutputId(new Place(time.UtcTicks, number), index);
        return true;
    }

    /// <summary>The id of a record of a derived topic.</summary>
    /// <exception cref="KappaException">It has none, so somebody else wrote it.</exception>
    internal static OutputId Of(string topic, in Record record) => TryRead(record, out var id)
        ? id
        : throw new KappaException(
            ErrorKind.Corrupt,
            string.Create(CultureInfo.InvariantCulture, $"Record {record.Offset} of topic '{topic}' has no output id."),
            "Only Kappa writes this topic: restore the log, or drop the version.");

    /// <summary>Takes "/number" from the end.</summary>
    private static bool TakeNumber(ref ReadOnlySpan<byte> text, out int number)
    {
        var slash = text.LastIndexOf((byte)'/');
        var found = Utf8Parser.TryParse(slash < 0 ? default : text[(slash + 1)..], out number, out var used)
            && used == text.Length - slash - 1;
        text = slash < 0 ? default : text[..slash];
        return found;
    }
}
