using System.Globalization;
using System.Text.Json;

namespace Kappa.Log.Erasures;

/// <summary>
/// What was erased in a segment, time by time (docs/formats/manifest.md). It is durable before a byte of the segment
/// changes, and stays when the segment leaves the log: by it every archive is brought up to date, whenever its mirror
/// runs. The nth erasure makes revision n. Immutable.
/// </summary>
/// <param name="Segment">Which segment.</param>
/// <param name="Before">What the log had before the first erasure; null where it had the segment no more.</param>
/// <param name="Erasures">In order.</param>
internal sealed record ErasureNote(SegmentName Segment, SegmentState? Before, IReadOnlyList<Erasure> Erasures)
{
    private const int Format = 1;

    /// <summary>The revision in which all is erased.</summary>
    public int Revision => Erasures.Count;

    /// <summary>Which revision a segment of the log is; -1: none of them.</summary>
    public int RevisionOf(Guid id)
    {
        for (var revision = Revision; revision > 0; revision--)
        {
            if (Erasures[revision - 1].After?.Id == id)
            {
                return revision;
            }
        }

        return Before?.Id == id ? 0 : -1;
    }

    /// <summary>What the log's segment was in a revision; null where that is not known.</summary>
    public SegmentState? StateOf(int revision) =>
        revision == 0 ? Before : revision > 0 && revision <= Revision ? Erasures[revision - 1].After : null;

    /// <summary>What is to go of a record that a revision still has.</summary>
    public Erasing Of(long offset, int revision)
    {
        var found = Erasing.Nothing;
        for (var i = revision; i < Revision; i++)
        {
            if (Erasures[i].Offsets.Contains(offset))
            {
                found = Erasures[i].WithKeys || found == Erasing.ValueAndKey ? Erasing.ValueAndKey : Erasing.Value;
            }
        }

        return found;
    }

    /// <summary>The note with an erasure more.</summary>
    public ErasureNote With(Erasure erasure) => this with { Erasures = [.. Erasures, erasure] };

    public byte[] ToBytes(LogId log)
    {
        var lines = new List<byte[]>
        {
            HashedLines.Line(json =>
            {
                json.WriteNumber("format", Format);
                json.WriteString("log", log.ToString());
                json.WriteNumber("topicId", Segment.TopicId);
                json.WriteNumber("partition", Segment.Partition);
                json.WriteNumber("segment", Segment.Number);
                Write(json, Before);
            }),
        };
        foreach (var erasure in Erasures)
        {
            var previous = HashedLines.HashOf(lines[^1]);
            lines.Add(HashedLines.Line(json =>
            {
                json.WriteBoolean("keys", erasure.WithKeys);
                json.WriteStartArray("offsets");
                foreach (var (first, count) in erasure.Offsets.Runs)
                {
                    json.WriteNumberValue(first);
                    json.WriteNumberValue(count);
                }

                json.WriteEndArray();
                Write(json, erasure.After);
                json.WriteString("previous", previous);
            }));
        }

        return HashedLines.Join(lines, Erasures.Count);
    }

    /// <exception cref="KappaException">It is damaged, or of a format this Kappa does not know.</exception>
    public static ErasureNote Parse(byte[] bytes, SegmentName segment, LogId log, string path)
    {
        try
        {
            var (lines, _, _, count) = HashedLines.Split(bytes, path);
            var first = lines.Count > 1 ? lines[0] : throw new FormatException("it has no erasure");
            if (first.GetProperty("format").GetInt32() is var format && format != Format)
            {
                throw new KappaException(
                    ErrorKind.Invalid, $"'{path}' has format {format}; this Kappa reads and writes {Format}.",
                    "Open the log with the Kappa version that wrote it.");
            }

            var said = new SegmentName(
                first.GetProperty("topicId").GetInt32(), first.GetProperty("partition").GetInt32(),
                first.GetProperty("segment").GetInt32());
            return said == segment && first.GetProperty("log").GetString() == log.ToString()
                && count == lines.Count - 1
                ? new ErasureNote(segment, StateIn(first), [.. lines.Skip(1).Select(ErasureIn)])
                : throw new FormatException("it is of another segment, or not whole");
        }
        catch (Exception wrong) when (wrong is JsonException or KeyNotFoundException or InvalidOperationException
            or FormatException or OverflowException or KappaException { Kind: ErrorKind.Corrupt })
        {
            throw new KappaException(
                ErrorKind.Corrupt, $"The note of what was erased, '{path}', is damaged: {wrong.Message}",
                "Bring the file back from a copy of the data folder: without it archives are not brought up to date.",
                wrong);
        }
    }

    private static void Write(Utf8JsonWriter json, SegmentState? state)
    {
        if (state is not null)
        {
            json.WriteString("id", state.Id.ToString("N"));
            json.WriteNumber("length", state.Length);
            json.WriteString("chain", state.Chain.ToString("x8", CultureInfo.InvariantCulture));
        }
    }

    private static SegmentState? StateIn(JsonElement line) => !line.TryGetProperty("id", out var id) ? null
        : new SegmentState(
            Guid.ParseExact(id.GetString()!, "N"), line.GetProperty("length").GetInt64(),
            uint.Parse(
                line.GetProperty("chain").GetString()!, NumberStyles.HexNumber, CultureInfo.InvariantCulture));

    private static Erasure ErasureIn(JsonElement line)
    {
        var offsets = new OffsetRanges();
        var numbers = line.GetProperty("offsets");
        for (var i = 0; i + 1 < numbers.GetArrayLength(); i += 2)
        {
            offsets.Add(numbers[i].GetInt64(), numbers[i + 1].GetInt64());
        }

        return new Erasure(line.GetProperty("keys").GetBoolean(), offsets, StateIn(line));
    }
}
