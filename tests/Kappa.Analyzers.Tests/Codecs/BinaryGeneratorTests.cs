using System.Buffers;
using Kappa.Streams;
using Kappa.Streams.Codecs;
using Xunit;

namespace Kappa.Analyzers.Tests.Codecs;

/// <summary>
/// Generated code against the codec that reads fields by reflection: the same bytes, the same refusals.
/// </summary>
public sealed class BinaryGeneratorTests
{
    private const int Seed = 20261123;
    private const int Rounds = 400;

    [Fact]
    public void Numbers_are_the_same_bytes() => Compare<Numbers>();

    [Fact]
    public void Texts_times_ids_and_enums_are_the_same_bytes() => Compare<Named>();

    [Fact]
    public void Fields_that_may_be_missing_are_the_same_bytes() => Compare<Perhaps>();

    [Fact]
    public void A_struct_with_private_fields_is_the_same_bytes() => Compare<Point>();

    [Fact]
    public void A_derived_record_has_the_fields_of_its_base_first() => Compare<Tower>();

    [Fact]
    public void Its_base_is_the_same_bytes() => Compare<Ground>();

    [Fact]
    public void Events_inside_events_are_the_same_bytes() => Compare<Nested>();

    [Fact]
    public void A_class_that_holds_itself_is_the_same_bytes() => Compare<Around.Inner>();

    [Fact]
    public void An_event_without_fields_is_one_byte() => Compare<Empty>();

    [Fact]
    public void The_bytes_are_those_of_the_format() => Assert.Equal(
        "01" // there is a value
        + "03C3BC" // Name: two bytes of UTF-8, and one more for "not null"
        + "04000000" // Height
        + "01FEFFFFFFFFFFFFFF" // Number: there is one
        + "C8", // Grade: the number of its kind
        Convert.ToHexString(Bytes(Codec.Binary<Stamp>(), new Stamp("ü", 4, -2, Grade.High))));

    [Fact]
    public void A_derived_event_is_refused_where_its_base_is_declared()
    {
        var tower = new Tower("n", 1) { Number = 1 };

        Assert.Throws<InvalidDataException>(() => Bytes(Codec.Binary<Ground>(), tower));
        Assert.Throws<InvalidDataException>(() => Bytes(new FieldCodec<Ground>(), tower));
    }

    private static void Compare<T>()
    {
        var generated = Codec.Binary<T>();
        var reflected = new FieldCodec<T>();
        Assert.Equal("GeneratedCodec`2", generated.GetType().Name);
        Assert.Equal(reflected.Name, generated.Name);
        var values = new RandomValues(Seed);
        for (var round = 0; round < Rounds; round++)
        {
            var value = values.Next<T>();
            var bytes = Bytes(reflected, value);
            Assert.True(
                bytes.AsSpan().SequenceEqual(Bytes(generated, value)), $"seed {Seed}, round {round}: {value}");
            Assert.Equal(bytes, Bytes(reflected, generated.Read(bytes)));
            Assert.Equal(bytes, Bytes(generated, reflected.Read(bytes)));

            var cut = bytes[..(round % bytes.Length)];
            Assert.Equal(Outcome(reflected, cut), Outcome(generated, cut));
            Assert.Throws<InvalidDataException>(() => generated.Read([.. bytes, 0]));
            bytes[round % bytes.Length] ^= (byte)(1 << (round % 8));
            Assert.Equal(Outcome(reflected, bytes), Outcome(generated, bytes));
        }
    }

    /// <summary>What becomes of bytes that may be damaged: a value's bytes, or the error's words.</summary>
    private static string Outcome<T>(Codec<T> codec, byte[] bytes)
    {
        try
        {
            return Convert.ToHexString(Bytes(codec, codec.Read(bytes)));
        }
        catch (Exception error) when (error is InvalidDataException or ArgumentException or FormatException)
        {
            return error.GetType().Name + ": " + error.Message;
        }
    }

    private static byte[] Bytes<T>(Codec<T> codec, T value)
    {
        var into = new ArrayBufferWriter<byte>();
        codec.Write(value, into);
        return into.WrittenSpan.ToArray();
    }
}
