using Kappa.Log;
using Kappa.Streams.Runtime;
using Xunit;

namespace Kappa.Streams.Tests.Outputs;

/// <summary>What is wrong about an output is said when the job is built.</summary>
public sealed class OutputDefinitionTests
{
    [Fact]
    public void A_job_may_have_outputs_and_no_tables_E1()
    {
        var topology = GuideJobs.Pager.Build();
        var output = Assert.Single(topology.Outputs);
        Assert.Equal(("pages", "https://example.com/page"), (output.Topic, output.Webhook));
        Assert.Equal("pages@3", output.DerivedBy(new Kappa.Tables.JobVersion("pager", 3)));
    }

    [Fact]
    public void A_job_that_reads_what_it_writes_is_refused_E2() => Refused(
        flow => flow.From<Reading>("readings").ToTopic("readings"), "0:From reads topic 'readings'",
        "which 1:ToTopic writes");

    [Fact]
    public void Two_outputs_of_one_name_are_refused() => Refused(
        flow =>
        {
            flow.From<Reading>("readings").ToTopic("alerts");
            flow.From<Reading>("readings").Where(reading => reading.Value > 1).ToTopic("alerts");
        },
        "alerts", "two of its outputs");

    [Theory]
    [InlineData("Alerts")]
    [InlineData("alerts@1")]
    [InlineData("_kappa.lifecycle")]
    [InlineData("")]
    public void An_output_with_a_name_that_cannot_be_is_refused(string name) => Refused(
        flow => flow.From<Reading>("readings").ToTopic(name), name, "");

    [Theory]
    [InlineData("ftp://example.com/x")]
    [InlineData("http://me:secret@example.com/x")]
    [InlineData("/x")]
    public void A_webhook_to_an_address_that_cannot_be_is_refused(string address) => Refused(
        flow => flow.From<Reading>("readings").ToWebhook("alerts", new Uri(address, UriKind.RelativeOrAbsolute)),
        "alerts", "webhook");

    [Fact]
    public void A_key_that_cannot_be_is_refused() => Refused(
        flow => flow.From<Reading>("readings").ToTopic("alerts", reading => new Uri("x:" + reading.Device)), "key", "");

    [Fact]
    public void An_output_that_fails_or_is_too_large_is_a_dead_letter_and_the_next_one_is_said_O6()
    {
        var job = Job.Define("wordy", flow => flow.From<Reading>("readings")
            .Select(reading => reading.Seq == 2 ? new string('x', 1_100_000) : reading.Seq == 3 ? null! : "s"
                + reading.Seq)
            .ToTopic("words", word => word == "s4" ? throw new InvalidOperationException("no key") : word));
        var sequence = new Sequence();
        sequence.Add("readings", 0, Sequence.Origin.UtcTicks, [.. Enumerable.Range(0, 7).Select(i =>
            new Reading("d", Sequence.Origin, i, i))]);
        var machine = new JobMachine(job.Build(), 2);
        machine.Step(sequence.Batches);

        Assert.Equal(
            ["\"s0\"", "\"s1\"", "\"s5\"", "\"s6\""],
            machine.CollectOutput("words").Select(record => System.Text.Encoding.UTF8.GetString(record.Value)));
        Assert.Equal(3, machine.DeadCount);
    }

    [Fact]
    public void Keys_are_text_a_person_can_read()
    {
        Assert.Equal("car-7", Text(OutputBytes.OfKey("car-7")));
        Assert.Equal("42", Text(OutputBytes.OfKey(42)));
        Assert.Equal("Friday", Text(OutputBytes.OfKey(DayOfWeek.Friday)));
        Assert.Equal("{\"device\":\"d\",\"high\":true}", Text(OutputBytes.OfKey(new Cell("d", true))));
    }

    [Fact]
    public void An_id_reads_back_as_it_was_written_E1()
    {
        var random = new Random(4);
        for (var i = 0; i < 500; i++)
        {
            var id = new OutputId(
                new Place(random.NextInt64(DateTime.MaxValue.Ticks), random.Next(1, int.MaxValue)), random.Next());
            var batch = Said(id.ToHeader("job.of-me/out_put/"u8));
            foreach (var record in batch)
            {
                Assert.True(OutputId.TryRead(record, out var read));
                Assert.Equal(id, read);
                Assert.True(record.TryGetHeader("kappa-id"u8, out var text));
                Assert.Equal("job.of-me/out_put/" + id, Text(text));
            }
        }

        foreach (var wrong in new[] { "", "/", "job/x", "job/x/2026-11-23T04:05:06.1234567Z/1", "a/b/c/1/0",
            "job/1/2" })
        {
            foreach (var record in Said(System.Text.Encoding.UTF8.GetBytes(wrong)))
            {
                Assert.False(OutputId.TryRead(record, out _), wrong);
            }
        }
    }

    private static RecordBatch Said(byte[] header)
    {
        var bytes = new System.Buffers.ArrayBufferWriter<byte>();
        RecordCodec.Write(bytes, new NewRecord(null, "1"u8.ToArray(), [new(OutputId.Header, header)]));
        return new RecordBatch("t@1", 0, 0, 1, 1, bytes.WrittenMemory);
    }

    private static string Text(ReadOnlySpan<byte> bytes) => System.Text.Encoding.UTF8.GetString(bytes);

    private static void Refused(Action<Flow> define, string named, string what)
    {
        var refused = Assert.Throws<KappaException>(() => Job.Define("wrong", define).Build());
        Assert.Equal(ErrorKind.Invalid, refused.Kind);
        Assert.Contains(named, refused.Message, StringComparison.Ordinal);
        Assert.Contains(what, refused.Message, StringComparison.Ordinal);
        Assert.NotEmpty(refused.Next);
    }
}
