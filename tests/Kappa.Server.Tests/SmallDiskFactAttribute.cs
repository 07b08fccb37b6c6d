using System.Diagnostics;
using Xunit;

namespace Kappa.Server.Tests;

/// <summary>A test on a disk of a few megabytes, which only root on Linux can mount.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class SmallDiskFactAttribute : FactAttribute
{
    private static readonly Lazy<bool> s_can = new(Try);

    public SmallDiskFactAttribute()
    {
        if (!s_can.Value)
        {
            Skip = "A small disk cannot be mounted here: that needs root on Linux.";
        }
    }

    public static bool Mount(string folder, int megabytes) =>
        Run("mount", "-t", "tmpfs", "-o", $"size={megabytes}m,mode=700", "tmpfs", folder);

    public static bool Unmount(string folder) => Run("umount", "--lazy", folder);

    private static bool Try()
    {
        if (!OperatingSystem.IsLinux() || !Environment.IsPrivilegedProcess)
        {
            return false;
        }

        var folder = Directory.CreateTempSubdirectory("kappa-mount-").FullName;
        var can = Mount(folder, 1) && Unmount(folder);
        Directory.Delete(folder);
        return can;
    }

    private static bool Run(string program, params string[] args)
    {
        using var process = Process.Start(new ProcessStartInfo(program, args) { RedirectStandardError = true })!;
        process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0;
    }
}
