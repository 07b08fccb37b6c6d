using System.Buffers;
using System.Text;
using Kappa.Log;
using Kappa.Streams;
using Kappa.Streams.Runtime;
using Kappa.Tables;

namespace Kappa.Testing;

/// <summary>
/// A job over a log in memory, in virtual time: what is appended has run through the job when the call returns. The
/// engine is the real one; there is no disk, no clock and no thread. Not safe for several threads.
/// </summary>
public sealed class TestRun
{
    private static readonly long Origin = new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc).Ticks;

    private readonly Topology _topology;
    private readonly ILookup<string, EventTimes> _eventTimes;
    private readonly JobMachine _machine;
    private readonly MemoryTables _tables;
    private readonly ISequence _sequence;

    private TestRun(Job job, IEnumerable<TestRecord> before)
    {
        using var culture = new NeutralCulture();
        _topology = job.Build();
        _eventTimes = EventTimes.Of(_topology);
        foreach (var topic in _topology.Topics)
        {
            Log.Create(topic, partitions: 1);
        }

        foreach (var record in before)
        {
            AddTo(Log, record, _eventTimes);
        }

        _machine = new JobMachine(_topology, workers: 1)
        {
            Preloads = _topology.PreloadsTo(Place.EndOf(Log.LastLogTime)),
        };
        _tables = new MemoryTables(_machine.Tables);
        _machine.Preload(Log.Batches);
        _sequence = Log.Read(_topology.Topics, Place.Start);
        Run();
    }

    /// <summary>The log behind the run.</summary>
    public MemoryLog Log { get; } = new();

    /// <summary>Where virtual time stands: the log time of the last record.</summary>
    public DateTimeOffset LogTime => new(Log.LastLogTime, TimeSpan.Zero);

    /// <summary>The job's lowest watermark; null while a source has seen no event (rule T1).</summary>
    public DateTimeOffset? Watermark => _machine.Watermark is { } ticks
        ? new DateTimeOffset(Math.Clamp(ticks, 0, DateTime.MaxValue.Ticks), TimeSpan.Zero)
        : null;

    /// <summary>The late records so far, one row for each record and window (rules T5 and O7).</summary>
    public IReadOnlyList<TestRow> Late => Rows(_topology.Job.Name + ".late");

    /// <summary>The dead letters so far, with their errors (rules O6 and O7).</summary>
    public IReadOnlyList<TestRow> Dead => Rows(_topology.Job.Name + ".dead");

    /// <summary>Builds a job and starts it over an empty log, with one partition for each topic it reads.</summary>
    /// <param name="job">The job.</param>
    /// <param name="before">What the log holds when the version is made: what the job preloads it reads up to the end
    /// of these (rule O3), then all of them in order. Default none.</param>
    /// <exception cref="KappaException">The job's definition is wrong.</exception>
    public static TestRun Of(Job job, IEnumerable<TestRecord>? before = null) => new(job, before ?? []);

    /// <summary>
    /// Appends an event as JSON. Log time follows its event time, or is the next tick where that is in the past.
    /// </summary>
    /// <param name="topic">A topic.</param>
    /// <param name="value">The event.</param>
    /// <param name="key">The record's key; default none.</param>
    /// <param name="partition">The partition; default 0. The topic gets as many as are named.</param>
    /// <param name="logTime">The record's log time, where it shall not follow event time; it must rise.</param>
    /// <exception cref="KappaException">The topic is complete, or the log time does not rise.</exception>
    public TestRun Append<T>(
        string topic, T value, string? key = null, int partition = 0, DateTimeOffset? logTime = null) =>
        Append(TestRecord.Of(topic, value) with { Key = key, Partition = partition, LogTime = logTime });

    /// <summary>Appends a record with a key and no value: it removes the row of a table's topic (rule O3).</summary>
    /// <exception cref="KappaException">The topic is complete.</exception>
    public TestRun Remove(string topic, string key) => Append(new TestRecord(topic, null) { Key = key });

    /// <summary>Appends events as JSON, one after the other.</summary>
    public TestRun AppendAll<T>(string topic, IEnumerable<T> values)
    {
        foreach (var value in values)
        {
            Append(TestRecord.Of(topic, value));
        }

        return this;
    }

    /// <summary>Appends records.</summary>
    public TestRun Append(params IEnumerable<TestRecord> records)
    {
        foreach (var record in records)
        {
            AddTo(Log, record, _eventTimes);
            Run();
        }

        return this;
    }

    /// <summary>Lets log time pass without an event: a record of the clock (rule L5).</summary>
    public TestRun Advance(TimeSpan by)
    {
        Log.Append(
            Names.Clock, 0, [new NewRecord(null, new ClockRecord(ClockKind.Tick).ToBytes())],
            Math.Max(Log.LastLogTime, Origin) + by.Ticks);
        Run();
        return this;
    }

    /// <summary>
    /// Completes a topic, or all: its windows close and its timers fire, in order (rule L6). Nothing can be appended
    /// to it afterwards.
    /// </summary>
    public TestRun Complete(string? topic = null)
    {
        foreach (var name in topic is null ? _topology.Topics : [topic])
        {
            Log.Complete(name);
            Run();
        }

        return this;
    }

    /// <summary>The rows of a table, in order of key bytes.</summary>
    /// <exception cref="KappaException">The job has no such table.</exception>
    public IReadOnlyList<TestRow> Rows(string table)
    {
        var index = IndexOf(table);
        return [.. _tables.Rows(index).Select(row => new TestRow(_tables.Schemas[index], row))];
    }

    /// <summary>
    /// The rows of a table as values, in order of key bytes: columns become the properties of their name.
    /// </summary>
    /// <exception cref="KappaException">The job has no such table, or its rows are of another shape.</exception>
    public IReadOnlyList<T> Rows<T>(string table) => [.. Rows(table).Select(row => row.As<T>())];

    /// <summary>The row of a key, or null.</summary>
    /// <param name="table">The table.</param>
    /// <param name="key">A value for each key column, in order; texts are read as the column's type.</param>
    /// <exception cref="KappaException">The job has no such table, or the key does not fit it.</exception>
    public TestRow? Find(string table, params object?[] key)
    {
        var index = IndexOf(table);
        return _tables.Find(index, RowKey.Of(_tables.Schemas[index], key)) is { } row
            ? new TestRow(_tables.Schemas[index], row)
            : null;
    }

    /// <summary>
    /// A table as its canonical export (docs/formats/export.md): a header line, then one line for each row.
    /// </summary>
    /// <exception cref="KappaException">The job has no such table.</exception>
    public string Text(string table)
    {
        var index = IndexOf(table);
        var bytes = new ArrayBufferWriter<byte>();
        CanonicalRow.Header(_tables.Schemas[index], bytes);
        foreach (var row in _tables.Rows(index))
        {
            CanonicalRow.Write(_tables.Schemas[index], row, bytes);
        }

        return Encoding.UTF8.GetString(bytes.WrittenSpan);
    }

    /// <summary>Appends a record to a log with the log time it has in a test (rule L1).</summary>
    internal static void AddTo(MemoryLog log, TestRecord record, ILookup<string, EventTimes> eventTimes)
    {
        if (log.Topics.FirstOrDefault(topic => topic.Name == record.Topic) is not { } topic
            || topic.Partitions <= record.Partition)
        {
            log.Create(record.Topic, record.Partition + 1);
        }

        var eventTime = record.Value is { } value
            ? eventTimes[record.Topic].Select(times => times.Read(value.Span)).FirstOrDefault(time => time is not null)
            : null;
        var logTime = record.LogTime?.UtcTicks
            ?? Math.Max(eventTime?.UtcTicks ?? Origin, log.LastLogTime + 1);
        log.Append(record.Topic, record.Partition, [record.ToNew()], logTime);
    }

    private int IndexOf(string table)
    {
        var index = _tables.Schemas.ToList().FindIndex(schema => schema.Name == table);
        return index >= 0
            ? index
            : throw new KappaException(
                ErrorKind.NotFound, $"Job '{_topology.Job.Name}' has no table '{table}'.",
                $"Its tables are {string.Join(", ", _tables.Schemas.Select(schema => schema.Name))}.");
    }

    private void Run()
    {
        using var culture = new NeutralCulture();
        while (_sequence.TryRead(out var batch))
        {
            _machine.Step([batch]);
            _tables.Take(_machine);
        }
    }
}
