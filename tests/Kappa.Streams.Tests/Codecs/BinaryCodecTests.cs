using System.Buffers;
using Kappa.Log;
using Xunit;

namespace Kappa.Streams.Tests.Codecs;

/// <summary>The binary format of events (docs/formats/binary.md).</summary>
public sealed class BinaryCodecTests
{
    private enum Colour : short
    {
        Red = 3,
    }

    private readonly record struct Plain(long At, double Value, int Key, int Other);

    private readonly record struct Padded(byte Small, long Large);

    private sealed record Inner(string? Name, byte[]? Bytes);

    private sealed record Rich(
        string Text, Inner? Inner, decimal Money, Guid Id, DateTimeOffset At, DateTime Local, TimeSpan Span,
        DateOnly Day, TimeOnly Hour, Colour Colour, int? Maybe, bool Flag, char Sign, Text16 Short, float Real);

    private sealed record Holding(int Number, List<int> Numbers);

    [Fact]
    public void A_struct_of_numbers_is_its_fields_little_endian_one_behind_the_other()
    {
        var bytes = Write(new Plain(0x0102030405060708, 1.5, -2, 7));

        Assert.Equal("0807060504030201" + "000000000000F83F" + "FEFFFFFF" + "07000000", Convert.ToHexString(bytes));
        Assert.Equal(new Plain(0x0102030405060708, 1.5, -2, 7), Codec.Binary<Plain>().Read(bytes));
        Assert.True(Codec.Binary<Plain>().IsInPlace);
    }

    [Fact]
    public void A_struct_with_padding_is_written_without_it()
    {
        var bytes = Write(new Padded(9, 5));

        Assert.False(Codec.Binary<Padded>().IsInPlace);
        Assert.Equal("09" + "0500000000000000", Convert.ToHexString(bytes));
        Assert.Equal(new Padded(9, 5), Codec.Binary<Padded>().Read(bytes));
    }

    [Fact]
    public void Every_type_of_the_format_comes_back()
    {
        var rich = new Rich(
            "grüße", new Inner(null, [1, 2]), 12.340m, Guid.Parse("00112233-4455-6677-8899-aabbccddeeff"),
            new DateTimeOffset(2026, 3, 1, 4, 5, 6, TimeSpan.FromHours(-3.5)),
            new DateTime(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc), TimeSpan.FromTicks(-7), new DateOnly(2026, 5, 6),
            new TimeOnly(7, 8, 9), Colour.Red, null, true, 'ß', Text16.Of("sensor-0000001"), 1.25f);

        var back = Codec.Binary<Rich>().Read(Write(rich));

        Assert.Equal(rich with { Inner = null }, back with { Inner = null });
        Assert.Equal([1, 2], back.Inner!.Bytes!);
        Assert.Null(back.Inner.Name);
        Assert.Equal(rich.At.Offset, back.At.Offset);
        Assert.Equal(DateTimeKind.Utc, back.Local.Kind);
        Assert.Equal("12.340", back.Money.ToString(System.Globalization.CultureInfo.InvariantCulture));
        Assert.Null((Codec.Binary<Rich>().Read(Write(rich with { Inner = null }))).Inner);
    }

    [Fact]
    public void The_worked_example_of_the_page_is_true()
    {
        var bytes = Write(new Inner("aé", null));

        Assert.Equal("01" + "04" + "61C3A9" + "00", Convert.ToHexString(bytes));
    }

    [Fact]
    public void A_type_the_format_does_not_have_is_refused_with_its_path()
    {
        var refused = Assert.Throws<KappaException>(() => Codec.Binary<Holding>());

        Assert.Contains("'Holding.Numbers'", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Bytes_that_are_no_value_are_refused()
    {
        var codec = Codec.Binary<Rich>();
        var whole = Write(new Rich(
            "a", null, 0, default, default, default, default, default, default, default, null, false, 'x', default, 0));
        for (var length = 0; length < whole.Length; length++)
        {
            Assert.Throws<InvalidDataException>(() => codec.Read(whole.AsSpan(0, length)));
        }

        Assert.Throws<InvalidDataException>(() => codec.Read([.. whole, 0]));
        Assert.Throws<InvalidDataException>(() => Codec.Binary<Plain>().Read(new byte[23]));
    }

    [Theory]
    [InlineData("")]
    [InlineData("a")]
    [InlineData("sensor-000000012")]
    [InlineData("größer")]
    public void A_short_text_is_its_text(string text)
    {
        var held = Text16.Of(text);

        Assert.Equal(text, held.ToString());
        Assert.Equal(System.Text.Encoding.UTF8.GetByteCount(text), held.Length);
        Assert.Equal(held, Codec.Binary<Text16>().Read(Write(held)));
        Assert.Equal(held.GetHashCode(), Text16.Of(text).GetHashCode());
    }

    [Fact]
    public void Short_texts_are_in_order_of_their_bytes_and_long_ones_are_refused()
    {
        string[] texts = ["", "a", "aa", "ab", "abcdefgh", "abcdefghi", "b", "é"];
        for (var i = 1; i < texts.Length; i++)
        {
            Assert.True(Text16.Of(texts[i - 1]) < Text16.Of(texts[i]));
        }

        Assert.Throws<ArgumentException>(() => Text16.Of("12345678901234567"));
        Assert.Throws<ArgumentException>(() => Text16.Of("a\0b"));
    }

    private static byte[] Write<T>(T value)
    {
        var into = new ArrayBufferWriter<byte>();
        Codec.Binary<T>().Write(value, into);
        return into.WrittenSpan.ToArray();
    }
}
