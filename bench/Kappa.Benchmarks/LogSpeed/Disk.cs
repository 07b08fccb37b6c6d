using System.Globalization;

namespace Kappa.Benchmarks.LogSpeed;

/// <summary>Where is measured, with how many bytes, and how often.</summary>
internal sealed class Disk(string folder, long bytes, int runs, TimeSpan linger)
{
    public string Folder { get; } = folder;

    /// <summary>The bytes of values of one run.</summary>
    public long Bytes { get; } = bytes;

    public int Runs { get; } = runs;

    /// <summary>How long the log lets a request wait for others.</summary>
    public TimeSpan Linger { get; } = linger;

    /// <summary>A folder with nothing in it.</summary>
    public string Fresh(string name)
    {
        var path = Path.Combine(Folder, name);
        if (Directory.Exists(path))
        {
            Directory.Delete(path, recursive: true);
        }

        Directory.CreateDirectory(path);
        return path;
    }

    /// <summary>The machine, in a line.</summary>
    public async Task<string> HeaderAsync()
    {
        var versions = new List<string>();
        foreach (var (name, asks) in new[]
            { ("fio", "--version"), ("nats-server", "--version"), ("redis-server", "--version") })
        {
            versions.Add(Command.Exists(name)
                ? name == "redis-server"
                    ? "redis " + (await Command.OutputAsync(name, asks)).Split("v=")[1].Split(' ')[0]
                    : (await Command.OutputAsync(name, asks)).Trim()
                : "no " + name);
        }

        var kernel = (await Command.OutputAsync("uname", "-r")).Trim();
        var mount = (await Command.OutputAsync("df", "--output=source,fstype", Folder)).Split('\n')[1]
            .Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{Environment.ProcessorCount} cores, {GC.GetGCMemoryInfo().TotalAvailableMemoryBytes >> 30} GiB, "
            + $"{string.Join(' ', mount)}, kernel {kernel}, .NET {Environment.Version}, "
            + $"{string.Join(", ", versions)}; runs of {Bytes >> 20} MiB, median (lowest-highest) of {Runs}, linger "
            + $"{Linger.TotalMilliseconds} ms");
    }
}
