using System.CommandLine;
using System.Globalization;
using Kappa.Cli.Commands;

namespace Kappa.Cli;

/// <summary>The <c>kappa</c> command.</summary>
internal static class Program
{
    private static async Task<int> Main(string[] args)
    {
        // Numbers and times look the same everywhere, so that scripts can read them.
        CultureInfo.DefaultThreadCurrentCulture = CultureInfo.InvariantCulture;
        CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
        return await RunAsync(args, Terminal.OfProcess(), CancellationToken.None);
    }

    /// <summary>Runs a command line and returns the exit code (see <see cref="ExitCode"/>).</summary>
    internal static async Task<int> RunAsync(string[] args, Terminal terminal, CancellationToken cancel)
    {
        var parsed = Root(terminal).Parse(args);
        if (parsed.Errors.Count > 0)
        {
            await terminal.ErrorAsync(
                string.Join(' ', parsed.Errors.Select(error => error.Message)),
                $"See 'kappa {parsed.CommandResult.Command.Name} --help'.".Replace(
                    "kappa kappa", "kappa", StringComparison.Ordinal));
            return ExitCode.Failed;
        }

        var configuration = new InvocationConfiguration
        {
            Output = terminal.Out,
            Error = terminal.Error,
            EnableDefaultExceptionHandler = false,
        };
        return await parsed.InvokeAsync(configuration, cancel);
    }

    private static RootCommand Root(Terminal terminal)
    {
        var session = new SessionOptions(terminal);
        return new RootCommand(
            "Kappa keeps the full log of events and computes tables from it, again whenever the code changes.")
        {
            ServeCommand.Make(session),
            DeployCommand.Make(session),
            AppendCommand.Make(session),
            ReadCommand.Make(session),
            TopicsCommand.Make(session),
            JobsCommand.Make(session),
            TablesCommand.Make(session),
            ReprocessCommand.Make(session),
            DiffCommand.Make(session),
            SwitchCommand.Make(session),
            RollbackCommand.Make(session),
            DropCommand.Make(session),
            SubscriptionsCommand.Make(session),
            QueryCommand.Make(session),
            ExportCommand.Make(session),
            MirrorCommand.Make(session),
            VerifyCommand.Make(session),
            BackupCommand.Make(session),
            RestoreCommand.Make(session),
            RepairCommand.Make(session),
            RestoredCommand.Make(session),
        };
    }
}
