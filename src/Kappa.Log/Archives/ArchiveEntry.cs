using System.Globalization;
using System.Text.Json;

namespace Kappa.Log.Archives;

/// <summary>A segment in an archive, as its line in the manifest says (docs/formats/archive.md).</summary>
/// <param name="Number">The segment's number in its partition.</param>
/// <param name="SegmentId">The segment's own id.</param>
/// <param name="Partition">The partition.</param>
/// <param name="BaseOffset">Offset of its first record.</param>
/// <param name="Count">How many records it has.</param>
/// <param name="First">The place of its first record.</param>
/// <param name="Last">The place of its last record.</param>
/// <param name="Length">Its bytes.</param>
/// <param name="Sha256">Their hash, as 64 hexadecimal digits.</param>
/// <param name="Chain">The header checksum of its last batch, which covers all before it (rule L10).</param>
/// <param name="Revision">
/// How many of the erasures noted of it (rule L10) its bytes have been through; 0: as it was written first.
/// </param>
internal sealed record ArchiveEntry(
    int Number, Guid SegmentId, int Partition, long BaseOffset, long Count, Place First, Place Last, long Length,
    string Sha256, uint Chain, int Revision = 0)
{
    /// <summary>The offset behind its last record.</summary>
    public long EndOffset => BaseOffset + Count;

    /// <summary>Its offsets, for people.</summary>
    public string Range => string.Create(CultureInfo.InvariantCulture, $"{BaseOffset} to {EndOffset - 1}");

    /// <summary>The object that holds it, in the folder of its partition.</summary>
    public string ObjectName => NameOf(Number, Revision);

    /// <summary>
    /// The object of a revision of a segment: each has a name of its own, so that no object but the manifest changes.
    /// </summary>
    public static string NameOf(int number, int revision) => revision == 0
        ? Segment.NameOf(number)
        : string.Create(CultureInfo.InvariantCulture, $"{number:D8}.r{revision}.segment");

    /// <summary>Has it the same records, whatever of them was erased in either?</summary>
    public bool Agrees(ArchiveEntry other) => this == other
        || (Revision + other.Revision > 0 && HasRecordsOf(other));

    /// <summary>
    /// Are its records at the same offsets and places? More cannot be asked of archives of two logs: their headers name
    /// the log, and each erases for itself.
    /// </summary>
    public bool HasRecordsOf(ArchiveEntry other) => BaseOffset == other.BaseOffset && Count == other.Count
        && First == other.First && Last == other.Last;

    /// <summary>Its line in the manifest.</summary>
    /// <param name="previous">The hash of the line before.</param>
    public byte[] ToLine(string previous) => HashedLines.Line(json =>
    {
        json.WriteString("segment", ObjectName);
        if (Revision > 0)
        {
            json.WriteNumber("revision", Revision);
        }

        json.WriteString("id", SegmentId.ToString("N"));
        json.WriteNumber("partition", Partition);
        json.WriteNumber("baseOffset", BaseOffset);
        json.WriteNumber("count", Count);
        json.WriteString("first", First.ToString());
        json.WriteString("last", Last.ToString());
        json.WriteNumber("length", Length);
        json.WriteString("sha256", Sha256);
        json.WriteString("chain", Chain.ToString("x8", CultureInfo.InvariantCulture));
        json.WriteString("previous", previous);
    });

    /// <summary>Reads a line whose hash was checked.</summary>
    public static ArchiveEntry Parse(JsonElement line) => new(
        int.Parse(line.GetProperty("segment").GetString()!.Split('.')[0], CultureInfo.InvariantCulture),
        Guid.ParseExact(line.GetProperty("id").GetString()!, "N"),
        line.GetProperty("partition").GetInt32(),
        line.GetProperty("baseOffset").GetInt64(),
        line.GetProperty("count").GetInt64(),
        PlaceOf(line, "first"),
        PlaceOf(line, "last"),
        line.GetProperty("length").GetInt64(),
        line.GetProperty("sha256").GetString()!,
        uint.Parse(line.GetProperty("chain").GetString()!, NumberStyles.HexNumber, CultureInfo.InvariantCulture),
        line.TryGetProperty("revision", out var revision) ? revision.GetInt32() : 0);

    public KappaException Damage(string store, string name, string what) => new(
        ErrorKind.Corrupt,
        $"'{name}' of the archive '{store}' is damaged (offsets {Range}): {what}.",
        "Bring that object back from another copy of the archive. Nothing of it was read.");

    private static Place PlaceOf(JsonElement line, string name) =>
        Place.TryParse(line.GetProperty(name).GetString(), out var place)
            ? place
            : throw new FormatException($"'{name}' is no place");
}
