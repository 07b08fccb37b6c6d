using System.Text;
using Xunit;

namespace Kappa.Log.Tests;

public sealed class PartitionerTests
{
    // The vectors of Kafka's own UtilsTest.testMurmur2.
    [Theory]
    [InlineData("21", -973932308)]
    [InlineData("foobar", -790332482)]
    [InlineData("a-little-bit-long-string", -985981536)]
    [InlineData("a-little-bit-longer-string", -1486304829)]
    [InlineData("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971)]
    [InlineData("abc", 479470107)]
    public void Key_hashes_as_in_Kafkas_java_client(string key, int hash)
    {
        Assert.Equal(hash, Partitioner.Murmur2(Encoding.UTF8.GetBytes(key)));
        Assert.Equal((hash & 0x7fffffff) % 7, Partitioner.OfKey(Encoding.UTF8.GetBytes(key), 7));
    }

    [Fact]
    public void Checksum_is_that_of_the_published_check_value() =>
        Assert.Equal(0xE3069283u, Crc32C.Of("123456789"u8));

    [Fact]
    public void Checksum_continues_where_the_first_part_ended()
    {
        var text = Encoding.UTF8.GetBytes("a text long enough for whole words and a rest");
        for (var cut = 0; cut <= text.Length; cut++)
        {
            Assert.Equal(Crc32C.Of(text), Crc32C.Continue(Crc32C.Of(text.AsSpan(..cut)), text.AsSpan(cut..)));
        }
    }
}
