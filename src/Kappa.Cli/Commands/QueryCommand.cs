using System.CommandLine;
using Kappa.Client;

namespace Kappa.Cli.Commands;

/// <summary><c>kappa query</c>: a read-only question in SQL.</summary>
internal static class QueryCommand
{
    public static Command Make(SessionOptions session)
    {
        var sql = new Argument<string>("sql") { Description = "One SELECT; quote names with '-' as \"harsh-driving\"." };
        var of = new Option<string?>("--of")
        {
            Description = "The job, table or version to ask: driving@2; default the owner of the tables named.",
        };
        var limit = new Option<int>("--limit") { Description = "How many rows at most.", DefaultValueFactory = _ => 1000 };
        var command = new Command("query", "Asks the live version of a job, or another one, in SQL.") { sql, of, limit };
        return session.Complete(command, async (talk, parsed, cancel) =>
        {
            var request = new QueryRequest(parsed.GetValue(sql)!, Job: parsed.GetValue(of), Limit: parsed.GetValue(limit));
            var answer = await talk.Client.QueryAsync(request, cancel);
            await talk.PrintAsync(answer, Shown);
            await talk.SayAsync($"{answer.Version} at {answer.Place}"
                + (answer.State == "Reprocessing" ? "; incomplete: it is still reprocessing" : "")
                + (answer.Truncated ? "; there are more rows: raise --limit" : ""));
            return ExitCode.Done;
        });
    }

    private static string Shown(RowsAnswer answer)
    {
        var table = new TextTable([.. answer.Columns]);
        foreach (var row in answer.Rows)
        {
            table.Add([.. row.Select(value => (object?)value)]);
        }

        return table.ToString();
    }
}
