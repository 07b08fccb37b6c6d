using System.Globalization;
using Kappa.Client;
using Kappa.Log;
using Kappa.Server;
using Kappa.Server.Programs;
using Kappa.Streams;

namespace Kappa;

/// <summary>
/// The platform inside a program of one's own. The program stores its own assemblies as an artifact and deploys its
/// jobs at each start; started with changed code it keeps the previous version live from its artifact and reprocesses
/// the new one beside it.
/// </summary>
public static class KappaHost
{
    /// <summary>Runs until the process is told to stop, and returns the exit code: 0 done, 2 failed.</summary>
    /// <param name="args"><c>--data folder</c> (default KAPPA_DATA, else ./kappa-data), <c>--port number</c> (default
    /// 4747; 0: any free one), <c>--workers number</c> (default one per processor), <c>--state-memory MiB</c>
    /// (default a quarter of the memory there is), <c>--publish-history</c> (the world hears the outputs from the first
    /// record on, not from where a version first went live).</param>
    /// <param name="jobs">Jobs to deploy; each is a public static field or property of the program.</param>
    public static async Task<int> RunAsync(string[] args, params Job[] jobs)
    {
        try
        {
            await using var server = await StartAsync(Options(args), CancellationToken.None, jobs);
            await Console.Error.WriteLineAsync(
                $"kappa {Platform.ProductVersion} serves {server.Platform.Folder.Root} at {server.Address}");
            await server.WaitForShutdownAsync(CancellationToken.None);
            return 0;
        }
        catch (KappaException known)
        {
            await Console.Error.WriteLineAsync($"kappa: {known.Message}\n  {known.Next}");
            return 2;
        }
    }

    /// <summary>Starts the platform, deploys the jobs, and returns while it runs.</summary>
    /// <exception cref="KappaException">The folder cannot be opened, the port is taken, or a job is wrong.</exception>
    public static async Task<KappaServer> StartAsync(ServerOptions options, CancellationToken cancel, params Job[] jobs)
    {
        ArgumentNullException.ThrowIfNull(jobs);
        var server = await KappaServer.StartAsync(options, cancel);
        try
        {
            if (jobs.Length > 0)
            {
                var files = PublishedProgram.Read(AppContext.BaseDirectory)
                    .Select(file => new ArtifactFile(file.Key, file.Value)).ToList();
                var artifact = server.Platform.Artifacts.Store(files);
                var answer = await server.Platform.Deployment.RunAsync(
                    new DeployRequest(
                        artifact.Id, [.. jobs.Select(job => job.Name)], PublishHistory: options.PublishHistory),
                    "program", cancel);
                foreach (var job in answer.Jobs)
                {
                    options.Platform.Report($"{job.Version} {job.Text}");
                }
            }

            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    private static ServerOptions Options(string[] args)
    {
        var folder = Environment.GetEnvironmentVariable("KAPPA_DATA") ?? "./kappa-data";
        var port = ServerOptions.DefaultPort;
        int? workers = null;
        long? memory = null;
        var publish = args.Contains("--publish-history");
        args = [.. args.Where(arg => arg != "--publish-history")];
        for (var i = 0; i < args.Length; i += 2)
        {
            var value = i + 1 < args.Length ? args[i + 1] : throw Wrong($"{args[i]} has no value.");
            switch (args[i])
            {
                case "--data":
                    folder = value;
                    break;
                case "--port":
                    port = Number(args[i], value);
                    break;
                case "--workers":
                    workers = Number(args[i], value);
                    break;
                case "--state-memory":
                    memory = Number(args[i], value) * (1L << 20);
                    break;
                default:
                    throw Wrong($"{args[i]} is no option.");
            }
        }

        var platform = new PlatformOptions { Folder = folder, Report = Console.Error.WriteLine };
        platform = platform with { StateMemory = memory ?? platform.StateMemory };
        return new ServerOptions
        {
            Platform = workers is { } count ? platform with { Workers = count } : platform,
            Port = port,
            PublishHistory = publish,
        };
    }

    private static int Number(string option, string value) =>
        int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw Wrong($"{option} is '{value}', which is no number.");

    private static KappaException Wrong(string what) =>
        new(
            ErrorKind.Invalid, what,
            "Options are --data folder, --port number, --workers number, --state-memory MiB and --publish-history.");
}
