using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Kappa.Client;

namespace Kappa.Cli.Commands;

/// <summary>
/// <c>kappa diff</c>: how two versions differ at one place. Exit code 0: same, 1: different, 2: could not compare.
/// </summary>
internal static class DiffCommand
{
    public static Command Make(SessionOptions session)
    {
        var left = new Argument<string>("left") { Description = "A version of a job or table: driving@1." };
        var right = new Argument<string>("right") { Description = "Another one of the same: driving@2." };
        var samples = new Option<int>("--samples")
        {
            Description = "How many differing rows to show per table.",
            DefaultValueFactory = _ => 10,
        };
        var command = new Command("diff", "Compares two versions row by row at one place.") { left, right, samples };
        return session.Complete(command, async (talk, parsed, cancel) =>
        {
            var answer = await talk.Client.DiffAsync(
                new DiffRequest(parsed.GetValue(left)!, parsed.GetValue(right)!, parsed.GetValue(samples)), cancel);
            await talk.PrintAsync(answer, Shown);
            return answer.Same ? ExitCode.Done : ExitCode.Different;
        });
    }

    private static string Shown(DiffAnswer answer)
    {
        var counts = new TextTable("TABLE", "SAME", "CHANGED", "ONLY " + answer.Left, "ONLY " + answer.Right);
        foreach (var table in answer.Tables)
        {
            counts.Add(table.Table, table.Same, table.Changed, table.OnlyLeft, table.OnlyRight);
        }

        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{answer.Left} and {answer.Right} at {answer.Place}: ")
            .Append(answer.Same ? "the same\n" : "different\n").Append(counts);
        foreach (var table in answer.Tables)
        {
            Append(text, table);
        }

        return text.ToString();
    }

    private static void Append(StringBuilder text, TableDiffView table)
    {
        if (table.Presence != "both")
        {
            text.Append(CultureInfo.InvariantCulture, $"{table.Table}: {table.Presence}\n");
        }

        foreach (var column in table.Columns.Where(column => column.Changed > 0 || column.Presence != "both"))
        {
            text.Append(CultureInfo.InvariantCulture, $"{table.Table}.{column.Column}: ");
            text.Append(column.Presence == "both"
                ? string.Create(CultureInfo.InvariantCulture, $"{column.Changed:N0} rows differ")
                : column.Presence);
            if (column.Delta is { } delta)
            {
                text.Append(
                    CultureInfo.InvariantCulture,
                    $", by {delta.Minimum:+0.######;-0.######;0} to {delta.Maximum:+0.######;-0.######;0}, "
                    + $"in sum {delta.Sum:+0.######;-0.######;0}");
            }

            text.Append('\n');
        }

        foreach (var row in table.Samples)
        {
            text.Append(row.Change switch { "only-right" => "+ ", "only-left" => "- ", _ => "~ " })
                .Append(table.Table).Append(" [")
                .AppendJoin(", ", row.Key.EnumerateObject().Select(key => TextTable.Text(key.Value))).Append(']');
            AppendValues(text, row);
            text.Append('\n');
        }
    }

    private static void AppendValues(StringBuilder text, RowDiffView row)
    {
        foreach (var column in (row.Right ?? row.Left)!.Value.EnumerateObject())
        {
            var after = TextTable.Text(column.Value);
            if (row is not { Left: { } left, Right: not null })
            {
                text.Append(CultureInfo.InvariantCulture, $"  {column.Name} {after}");
            }
            else if (!left.TryGetProperty(column.Name, out var before) || !JsonElement.DeepEquals(before, column.Value))
            {
                text.Append(CultureInfo.InvariantCulture, $"  {column.Name} {TextTable.Text(before)} → {after}");
            }
        }
    }
}
