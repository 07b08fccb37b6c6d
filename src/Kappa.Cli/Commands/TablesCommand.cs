using System.CommandLine;
using Kappa.Client;

namespace Kappa.Cli.Commands;

/// <summary><c>kappa tables</c>: tables, or the columns of one.</summary>
internal static class TablesCommand
{
    public static Command Make(SessionOptions session)
    {
        var table = new Argument<string?>("table")
        {
            Description = "One table, or table@version: its columns.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var command = new Command("tables", "Lists tables; shows the columns of one.") { table };
        return session.Complete(command, async (talk, parsed, cancel) =>
        {
            if (parsed.GetValue(table) is { } name)
            {
                await talk.PrintAsync(await talk.Client.TableAsync(name, cancel), Columns);
            }
            else
            {
                await talk.PrintAsync(await talk.Client.TablesAsync(cancel), Shown);
            }

            return ExitCode.Done;
        });
    }

    private static string Shown(IReadOnlyList<TableView> tables)
    {
        var shown = new TextTable("TABLE", "VERSION", "STATE", "LIVE", "DESCRIPTION");
        foreach (var table in tables)
        {
            shown.Add(
                table.Table + table.Version[table.Version.LastIndexOf('@')..], table.Version,
                table.State.ToLowerInvariant(),
                table.Live ? "live" : "", table.Description ?? "");
        }

        return shown.ToString();
    }

    private static string Columns(TableView table)
    {
        var shown = new TextTable("COLUMN", "TYPE", "KEY");
        foreach (var column in table.Columns)
        {
            shown.Add(column.Name, column.Type, column.Key ? "key" : "");
        }

        return $"{table.Table} of {table.Version} ({table.State.ToLowerInvariant()})\n{shown}";
    }
}
