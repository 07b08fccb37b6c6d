using System.Buffers;
using System.Text;
using Kappa.Log.Projections;
using Xunit;

namespace Kappa.Log.Tests;

/// <summary>The worked example of docs/formats/segment.md.</summary>
public sealed class FormatTests
{
    [Fact]
    public void Worked_example_of_the_page_is_what_the_codec_writes()
    {
        var records = new ArrayBufferWriter<byte>();
        RecordCodec.Write(records, new NewRecord(
            Encoding.UTF8.GetBytes("k1"), Encoding.UTF8.GetBytes("""{"n":1}"""),
            [new("a", Encoding.UTF8.GetBytes("b"))]));
        var id = new Guid(Enumerable.Repeat((byte)0x11, 16).ToArray());
        var segment = new SegmentHeader(Guid.Empty, 3, 0, 1, 0, id, 0, 0);
        var batch = new PlannedBatch
        {
            Header = new BatchHeader
            {
                TopicId = 3,
                LogTime = new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc).Ticks,
                PreviousCrc = segment.ChainStart,
                GroupStart = SegmentHeader.Size,
            },
        };
        batch.Add(new RequestPart(0, 1, records.WrittenMemory, Crc32C.Of(records.WrittenSpan)));
        var bytes = new byte[BatchHeader.Size + records.WrittenCount];
        Assert.Equal(bytes.Length, batch.Write(bytes, segment.ChainStart));
        var page = File.ReadAllText(Path.Combine(Root(), "docs", "formats", "segment.md"));
        var example = string.Join('\n', bytes.Chunk(16).Select(row => string.Join(' ', row.Select(b => $"{b:X2}"))));
        Assert.Contains(example, page, StringComparison.Ordinal);
    }

    [Fact]
    public void Worked_example_of_a_twin_is_what_is_written_L11()
    {
        static Guid Id(byte of) => new([.. Enumerable.Repeat(of, 16)]);
        var time = new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc).Ticks;
        var header = new TwinHeader(
            new SegmentHeader(Guid.Empty, 3, 0, 1, 0, Id(0x11), 0, 0), Id(0x22), new string('3', 64), 216, 4096, 12, 1,
            [("At", new TimeRange(time, time + TimeSpan.TicksPerSecond))]);
        var bytes = header.ToBytes();

        var page = File.ReadAllText(Path.Combine(Root(), "docs", "formats", "projection.md"));
        var example = bytes[96..].Chunk(16).Select(row => string.Join(' ', row.Select(b => $"{b:X2}")));
        Assert.Contains(string.Join('\n', example), page, StringComparison.Ordinal);
        Assert.Equal(216, bytes.Length);
    }

    private static string Root()
    {
        var at = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(at, "Kappa.slnx")))
        {
            at = Path.GetDirectoryName(at)!;
        }

        return at;
    }
}
