using System.Diagnostics;

namespace Kappa.Tidy.Tests;

/// <summary>The files of the working copy: what git knows or would add; without git, what lies there.</summary>
internal static class Repository
{
    private static readonly string[] Texts =
        [".cs", ".csproj", ".props", ".slnx", ".md", ".txt", ".json", ".yml", ".razor", ".css", ".js", ".editorconfig"];

    private static readonly string[] NotOurs = ["bin", "obj", ".git", ".vs", ".native", "TestResults", "artifacts"];

    public static string Root { get; } = FindRoot();

    /// <summary>Every file's path from the root, with '/'.</summary>
    public static IReadOnlyList<string> Paths { get; } = List().Order(StringComparer.Ordinal).ToArray();

    public static IReadOnlyList<SourceText> Files { get; } = Paths
        .Where(path => Texts.Contains(Path.GetExtension(path)) || path is "do" or ".ci/run")
        .Select(path => new SourceText(path, File.ReadAllText(Path.Combine(Root, path))))
        .ToArray();

    private static string FindRoot()
    {
        var at = new DirectoryInfo(AppContext.BaseDirectory);
        while (at is not null && !File.Exists(Path.Combine(at.FullName, "Kappa.slnx")))
        {
            at = at.Parent;
        }

        return at?.FullName ?? throw new InvalidOperationException("Kappa.slnx is in no folder above the tests.");
    }

    private static IEnumerable<string> List() =>
        (FromGit() ?? FromDisk(new DirectoryInfo(Root))).Where(path => File.Exists(Path.Combine(Root, path)));

    private static List<string>? FromGit()
    {
        var start = new ProcessStartInfo("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        {
            WorkingDirectory = Root,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        try
        {
            using var git = Process.Start(start)!;
            git.ErrorDataReceived += (_, _) => { };
            git.BeginErrorReadLine();
            var output = git.StandardOutput.ReadToEnd();
            git.WaitForExit();
            return git.ExitCode == 0 ? [.. output.Split('\0', StringSplitOptions.RemoveEmptyEntries)] : null;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            // There is no git on this machine; the disk knows as well.
            return null;
        }
    }

    private static IEnumerable<string> FromDisk(DirectoryInfo folder) =>
        folder.EnumerateFiles().Select(file => Path.GetRelativePath(Root, file.FullName).Replace('\\', '/'))
            .Concat(folder.EnumerateDirectories().Where(child => !NotOurs.Contains(child.Name)).SelectMany(FromDisk));
}
