using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Kappa.Client;

namespace Kappa.Cli.Commands;

/// <summary><c>kappa diff</c>: how two versions differ at one place. Exit code 0: same, 1: different, 2: could not compare.</summary>
internal static class DiffCommand
{
    public static Command Make(SessionOptions session)
    {
        var left = new Argument<string>("left") { Description = "A version of a job or table: driving@1." };
        var right = new Argument<string>("right") { Description = "Another one of the same: driving@2." };
        var samples = new Option<int>("--samples")
        {
            Description = "How many differing rows to show per table.", DefaultValueFactory = _ => 10,
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
        if (table.Note is { } note)
        {
            text.Append(CultureInfo.InvariantCulture, $"{table.Table}: {note}\n");
        }

        foreach (var column in table.Columns)
        {
            text.Append(CultureInfo.InvariantCulture, $"{table.Table}.{column.Column}: {column.Changed:N0} rows differ");
            text.Append(column is { LeftSum: { } before, RightSum: { } after }
                ? string.Create(CultureInfo.InvariantCulture, $", sum {before:0.######} → {after:0.######}\n")
                : "\n");
        }

        foreach (var row in table.Samples)
        {
            text.Append(row switch { { Left: null } => "+ ", { Right: null } => "- ", _ => "~ " })
                .Append(table.Table).Append(" [").AppendJoin(", ", row.Key.Values.Select(value => TextTable.Text(value))).Append(']');
            AppendValues(text, row);
            text.Append('\n');
        }
    }

    private static void AppendValues(StringBuilder text, RowDiffView row)
    {
        foreach (var (column, value) in row.Right ?? row.Left!)
        {
            if (row is not { Left: { } left, Right: not null })
            {
                text.Append(CultureInfo.InvariantCulture, $"  {column} {TextTable.Text(value)}");
            }
            else if (!left.TryGetValue(column, out var before) || !JsonElement.DeepEquals(before, value))
            {
                text.Append(CultureInfo.InvariantCulture, $"  {column} {TextTable.Text(before)} → {TextTable.Text(value)}");
            }
        }
    }
}
