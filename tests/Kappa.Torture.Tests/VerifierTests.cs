using Xunit;

namespace Kappa.Torture;

/// <summary>The judges find what is planted, each fault by its name, and find nothing where nothing is.</summary>
public sealed class VerifierTests
{
    private const int Requests = 20;
    private const string Early = "2026-01-05T06:00:00.0000001Z/end";
    private const string Later = "2026-01-05T06:00:00.0000002Z/end";

    [Fact]
    public void A_topic_that_holds_what_was_sent_has_no_faults() => Assert.False(Judge(_ => { }).Any);

    [Fact]
    public void An_acknowledged_record_that_is_missing_is_lost() => Assert.Equal(
        1, Judge(read => read.RemoveAt(read.FindLastIndex(record => record.Partition == 0))).Count(Fault.Lost));

    [Fact]
    public void A_hole_in_the_offsets_is_a_loss() =>
        Assert.True(Judge(read => read[5] = read[5] with { Offset = 77 }).Count(Fault.Lost) > 0);

    [Fact]
    public void A_record_that_was_not_acknowledged_may_be_missing_or_there_once()
    {
        Assert.False(Judge(read => read.RemoveAt(read.FindLastIndex(Unacknowledged)), acknowledged: Requests - 1).Any);
        Assert.False(Judge(_ => { }, acknowledged: Requests - 1).Any);
        Assert.Equal(
            1,
            Judge(read => Append(read, read.FindLast(Unacknowledged)!), acknowledged: Requests - 1)
                .Count(Fault.Duplicated));

        static bool Unacknowledged(ReadRecord record) =>
            record.Text.Contains($"\"request\":{Requests}", StringComparison.Ordinal);
    }

    [Fact]
    public void A_record_that_is_there_twice_is_duplicated()
    {
        var findings = Judge(read => Append(read, read[3]));

        Assert.Equal(1, findings.Count(Fault.Duplicated));
        Assert.Equal(0, findings.Count(Fault.Lost));
    }

    [Fact]
    public void A_record_that_was_never_sent_is_found() =>
        Assert.Equal(1, Judge(read => Append(read, read[3] with { Text = "{\"line\":-1}" })).Count(Fault.Duplicated));

    [Fact]
    public void A_record_under_another_key_is_found() =>
        Assert.True(Judge(read => read[3] = read[3] with { Key = "car-9999" }).Count(Fault.Duplicated) > 0);

    [Fact]
    public void Two_records_that_changed_places_are_reordered()
    {
        var findings = Judge(read =>
        {
            // Between two records of one producer stands one of the other.
            var mine = Enumerable.Range(0, read.Count).Where(i => read[i].Partition == 0).ToArray();
            (read[mine[0]], read[mine[2]]) = (
                read[mine[2]] with { Offset = read[mine[0]].Offset },
                read[mine[0]] with { Offset = read[mine[2]].Offset });
        });

        Assert.True(findings.Count(Fault.Reordered) > 0);
        Assert.Equal(0, findings.Count(Fault.Lost) + findings.Count(Fault.Duplicated));
    }

    [Fact]
    public void A_key_in_two_partitions_is_reordered() => Assert.True(Judge(read =>
    {
        var at = read.FindLastIndex(record => record.Partition == 0);
        read[at] = read[at] with { Partition = 1, Offset = read.Count(record => record.Partition == 1) };
        read.Add(read[at]);
        read.RemoveAt(at);
    }).Count(Fault.Reordered) > 0);

    [Fact]
    public void Answers_of_the_live_version_at_rising_places_have_no_faults()
    {
        var (check, findings) = Reading();
        check.Judge(check.Ask(), Trips("driving@1", Early, "1 km"));
        check.Allow("driving@1", "driving@2");
        check.Judge(check.Ask(), Trips("driving@1", Later, "1 km"));
        check.Allow("driving@2");
        check.Judge(check.Ask(), Trips("driving@2", Later, "2 km"));

        Assert.False(findings.Any, string.Join('\n', findings.Sentences));
        Assert.Equal(3, check.Answers);
    }

    [Fact]
    public void A_place_that_goes_back_is_found_also_over_a_switch()
    {
        var (check, findings) = Reading();
        check.Judge(check.Ask(), Trips("driving@1", Later, "1 km"));
        check.Allow("driving@2");
        check.Judge(check.Ask(), Trips("driving@2", Early, "2 km"));

        Assert.Equal(1, findings.Count(Fault.Mixed));
    }

    [Fact]
    public void A_question_asked_before_a_later_place_was_told_may_get_the_earlier_one()
    {
        var (check, findings) = Reading();
        var asked = check.Ask();
        check.Judge(check.Ask(), Trips("driving@1", Later, "1 km"));
        check.Judge(asked, Trips("driving@1", Early, "1 km"));

        Assert.False(findings.Any);
    }

    [Fact]
    public void An_answer_of_the_version_being_replayed_is_found()
    {
        var (check, findings) = Reading();
        check.Judge(check.Ask(), Trips("driving@2", Early, "2 km"));

        Assert.Equal(1, findings.Count(Fault.Mixed));
    }

    [Fact]
    public void An_answer_with_rows_of_the_other_version_is_found()
    {
        var (check, findings) = Reading();
        check.Judge(check.Ask(), Trips("driving@1", Early, "2 km"));

        Assert.Equal(1, findings.Count(Fault.Mixed));
    }

    [Fact]
    public void An_answer_that_misses_a_finished_trip_is_found()
    {
        var (check, findings) = Reading();
        check.Judge(check.Ask(), new Answer(AnswerCheck.Trips, "driving@1", Early, []));

        Assert.Equal(1, findings.Count(Fault.Mixed));
    }

    [Fact]
    public void Two_different_answers_at_one_place_are_found()
    {
        var (check, findings) = Reading();
        check.Judge(check.Ask(), new Answer("harsh", "driving@1", Early, [KeyValuePair.Create("", "3")]));
        check.Judge(check.Ask(), new Answer("harsh", "driving@1", Early, [KeyValuePair.Create("", "4")]));

        Assert.Equal(1, findings.Count(Fault.Mixed));
    }

    [Fact]
    public void An_answer_without_a_place_is_found()
    {
        var (check, findings) = Reading();
        check.Judge(check.Ask(), Trips("driving@1", "", "1 km"));

        Assert.Equal(1, findings.Count(Fault.Mixed));
    }

    [Fact]
    public void A_table_that_differs_or_is_missing_is_found()
    {
        var findings = new Findings();
        var served = new Dictionary<string, string> { ["a@1"] = "x", ["b@1"] = "y", ["c@1"] = "z" };
        TableCheck.Compare("a fresh run", served, new Dictionary<string, string>(served), findings);
        Assert.False(findings.Any);

        var fresh = new Dictionary<string, string> { ["a@1"] = "x", ["b@1"] = "!" };
        TableCheck.Compare("a fresh run", served, fresh, findings);

        Assert.Equal(2, findings.Count(Fault.Differing));
        Assert.EndsWith("differing 2", findings.Beyond, StringComparison.Ordinal);
    }

    /// <summary>Two producers of two keys each in two partitions; what was planted in the topic is judged.</summary>
    private static Findings Judge(Action<List<ReadRecord>> plant, long acknowledged = Requests)
    {
        var sent = new List<SentRecord>();
        for (var request = 1; request <= Requests; request++)
        {
            foreach (var producer in new[] { "fleet-0", "fleet-1" })
            {
                foreach (var car in new[] { 0, 1 })
                {
                    sent.Add(new SentRecord(
                        producer, request, $"{producer}-car-{car}",
                        $"{{\"line\":{sent.Count},\"request\":{request}}}"));
                }
            }
        }

        var ends = new Dictionary<int, long>();
        var read = new List<ReadRecord>();
        foreach (var record in sent)
        {
            var partition = record.Key[^1] - '0';
            var offset = ends.GetValueOrDefault(partition);
            ends[partition] = offset + 1;
            read.Add(new ReadRecord(partition, offset, record.Key, record.Text));
        }

        plant(read);
        var findings = new Findings();
        RecordCheck.Compare(sent, (_, request) => request <= acknowledged, read, findings);
        return findings;
    }

    private static void Append(List<ReadRecord> read, ReadRecord record) =>
        read.Add(record with { Offset = read.Count(other => other.Partition == record.Partition) });

    private static (AnswerCheck Check, Findings Findings) Reading()
    {
        var findings = new Findings();
        var check = new AnswerCheck(findings);
        check.Know(1, new Dictionary<string, string> { ["car-1/1"] = "1 km" });
        check.Know(2, new Dictionary<string, string> { ["car-1/1"] = "2 km" });
        check.Name("driving@1", 1);
        check.Name("driving@2", 2);
        check.Allow("driving@1");
        return (check, findings);
    }

    private static Answer Trips(string version, string place, string distance) =>
        new(
            AnswerCheck.Trips, version, place,
            [KeyValuePair.Create("car-1/1", distance), KeyValuePair.Create("car-1/2", "?")]);
}
