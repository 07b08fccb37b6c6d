using System.Text;
using Kappa.Cli;

namespace Kappa.Server.Tests;

/// <summary>Runs the command line in this process, against a running server.</summary>
internal static class Commands
{
    public static async Task<string> ProgramAsync(RunningServer running, string name, string source)
    {
        var folder = Directory.CreateDirectory(Path.Combine(running.Folder, "state", "program-" + name)).FullName;
        var path = Path.Combine(folder, "Jobs.dll");
        await File.WriteAllBytesAsync(path, CompiledJobs.Compile(source));
        return path;
    }

    public static async Task<(int Code, string Out, string Error)> RunAsync(
        RunningServer running, string[] args, string input = "")
    {
        var terminal = Terminal(out var bytes, out var text, out var error) with
        {
            In = new MemoryStream(Encoding.UTF8.GetBytes(input)),
        };
        var code = await Program.RunAsync([.. args, "--data", running.Folder], terminal, CancellationToken.None);
        return (code, text + Encoding.UTF8.GetString(bytes.ToArray()), error.ToString());
    }

    public static Terminal Terminal(out MemoryStream bytes, out StringWriter text, out StringWriter error)
    {
        bytes = new MemoryStream();
        text = new StringWriter { NewLine = "\n" };
        error = new StringWriter { NewLine = "\n" };
        return new Terminal(Stream.Null, text, bytes, error, IsInteractive: false, _ => null);
    }
}
