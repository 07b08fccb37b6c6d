using System.Diagnostics;
using Kappa.Client;

namespace Kappa.Cli;

/// <summary>Makes the zip of a program: publishes a project in Release on this machine, so that the server needs no SDK.</summary>
internal static class ProgramBuild
{
    /// <summary>The zip of a project, of a folder with one, of a published folder, or of the folder of a dll.</summary>
    /// <exception cref="RequestFailedException">There is no program, or it does not build.</exception>
    public static async Task<byte[]> ZipAsync(Session talk, string program, CancellationToken cancel)
    {
        if (File.Exists(program) && program.EndsWith(".dll", StringComparison.OrdinalIgnoreCase))
        {
            return PublishedProgram.Zip(Path.GetDirectoryName(Path.GetFullPath(program))!);
        }

        if (File.Exists(program) && program.EndsWith("proj", StringComparison.OrdinalIgnoreCase))
        {
            return await PublishAsync(talk, program, cancel);
        }

        if (!Directory.Exists(program))
        {
            throw new RequestFailedException(
                0, $"'{program}' is no project, no folder and no dll.", "Name a csproj, a folder with one, or a published folder.");
        }

        var projects = Directory.GetFiles(program, "*.*proj");
        return projects.Length switch
        {
            1 => await PublishAsync(talk, projects[0], cancel),
            0 when Directory.EnumerateFiles(program, "*.dll").Any() => PublishedProgram.Zip(program),
            0 => throw new RequestFailedException(
                0, $"The folder '{program}' has neither a project nor a dll.", "Name a project or a published folder."),
            _ => throw new RequestFailedException(
                0, $"The folder '{program}' has {projects.Length} projects.", $"Name one of them, for example {projects[0]}."),
        };
    }

    private static async Task<byte[]> PublishAsync(Session talk, string project, CancellationToken cancel)
    {
        var folder = Directory.CreateTempSubdirectory("kappa-publish-").FullName;
        try
        {
            await talk.SayAsync($"publishing {Path.GetFileName(project)} in Release");
            await RunAsync(
                [
                    "publish", project, "-c", "Release", "-o", folder, "--nologo", "-v", "quiet",
                    "-p:EnableDynamicLoading=true", "-p:DebugType=embedded", "-p:ContinuousIntegrationBuild=true",
                    "-p:UseAppHost=false",
                ],
                cancel);
            return PublishedProgram.Zip(folder);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task RunAsync(string[] arguments, CancellationToken cancel)
    {
        var start = new ProcessStartInfo("dotnet", arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Start(start);
        var output = process.StandardOutput.ReadToEndAsync(cancel);
        var error = process.StandardError.ReadToEndAsync(cancel);
        try
        {
            await process.WaitForExitAsync(cancel);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }

        if (process.ExitCode != 0)
        {
            var lines = (await output + await error).Split('\n', StringSplitOptions.RemoveEmptyEntries).Distinct().TakeLast(20);
            throw new RequestFailedException(
                0, "The project does not build:\n" + string.Join('\n', lines), "Correct the errors and deploy again.");
        }
    }

    private static Process Start(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception missing)
        {
            throw new RequestFailedException(
                0, "The program 'dotnet' cannot be started: " + missing.Message,
                "Install the .NET SDK, or deploy a published folder.", missing);
        }
    }
}
