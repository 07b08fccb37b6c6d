using Kappa.Tables;

namespace Kappa.Streams.Runtime;

/// <summary>The tables of late and dead records every version has (rule O7).</summary>
internal static class SideTables
{
    private static readonly Column[] Key =
    [
        new("log_time", ColumnType.Timestamp), new("record", ColumnType.Integer), new("operator", ColumnType.Text),
        new("key", ColumnType.Text), new("window_start", ColumnType.Timestamp), new("number", ColumnType.Integer),
    ];

    public static TableSchema Late(string job) =>
        new(job + ".late", Key, [.. Origin, new("window_end", ColumnType.Timestamp)])
        {
            Description = "Records that came too late for an operator or a window, by the watermark before them.",
        };

    public static TableSchema Dead(string job) => new(job + ".dead", Key, [.. Origin, new("error", ColumnType.Text)])
    {
        Description = "Records that could not be decoded, or on which the job's code failed.",
    };

    private static Column[] Origin =>
    [
        new("topic", ColumnType.Text), new("partition", ColumnType.Integer), new("offset", ColumnType.Integer),
        new("event_time", ColumnType.Timestamp), new("bytes", ColumnType.Bytes),
    ];
}
