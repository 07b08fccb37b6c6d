using System.Globalization;
using System.Text.Json;

namespace Kappa.Benchmarks.LogSpeed;

/// <summary>What the disk does for a program that does nothing else: fio, in megabytes a second.</summary>
internal static class Fio
{
    public static bool IsThere => Command.Exists("fio");

    /// <summary>Writes a new file in sequence past the page cache, synced at the end.</summary>
    /// <param name="folder">On the disk.</param>
    /// <param name="bytes">How much.</param>
    /// <param name="depth">Writes of 1 MiB at once.</param>
    public static async Task<double> WriteAsync(string folder, long bytes, int depth)
    {
        var file = Path.Combine(folder, "fio");
        File.Delete(file);
        try
        {
            return await RunAsync(file, bytes, "write", isDirect: true, depth);
        }
        finally
        {
            File.Delete(file);
        }
    }

    /// <summary>Reads a cold file in sequence, but for the last part of a MiB.</summary>
    /// <param name="file">The file.</param>
    /// <param name="isDirect">Past the page cache, eight reads at once; else through it.</param>
    public static Task<double> ReadAsync(string file, bool isDirect)
    {
        RawDisk.Forget(Path.GetDirectoryName(file)!);
        return RunAsync(file, new FileInfo(file).Length >> 20 << 20, "read", isDirect, isDirect ? 8 : 1);
    }

    private static async Task<double> RunAsync(string file, long bytes, string what, bool isDirect, int depth)
    {
        var answer = await Command.OutputAsync(
            "fio", "--name=kappa", "--filename=" + file, "--rw=" + what, "--bs=1M",
            string.Create(CultureInfo.InvariantCulture, $"--size={bytes}"), isDirect ? "--direct=1" : "--direct=0",
            depth > 1 ? "--ioengine=libaio" : "--ioengine=psync",
            string.Create(CultureInfo.InvariantCulture, $"--iodepth={depth}"), "--fallocate=none", "--invalidate=0",
            what == "write" ? "--end_fsync=1" : "--readonly", "--output-format=json");
        using var json = JsonDocument.Parse(answer[answer.IndexOf('{', StringComparison.Ordinal)..]);
        var part = json.RootElement.GetProperty("jobs")[0].GetProperty(what);
        return part.GetProperty("io_bytes").GetDouble() / part.GetProperty("runtime").GetDouble() / 1e3;
    }
}
