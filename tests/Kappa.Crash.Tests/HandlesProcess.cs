using System.Runtime.InteropServices;

namespace Kappa.Crash;

/// <summary>
/// A process that takes its own limit of open files away while a log is open, appends, and gives it back.
/// </summary>
internal static class HandlesProcess
{
    private const int OpenFiles = 7; // RLIMIT_NOFILE

    public static async Task<int> RunAsync(string folder)
    {
        await using var log = await EmbeddedLog.OpenAsync(
            new LogOptions { Folder = folder }, CancellationToken.None);
        await log.ChangeAsync(new CreateTopic("a"), CancellationToken.None);
        await log.ChangeAsync(new CreateTopic("b"), CancellationToken.None);
        Console.WriteLine(await AppendAsync(log, "a"));
        var said = new List<string>();
        Must(getrlimit(OpenFiles, out var limit));
        var none = limit with { Now = 3 };
        Must(setrlimit(OpenFiles, none));

        // The first topic's file is open; the second one's is yet to be made.
        said.Add(await AppendAsync(log, "a"));
        said.Add(await AppendAsync(log, "b"));
        said.Add(await AppendAsync(log, "b"));
        Must(setrlimit(OpenFiles, limit));
        said.Add(await AppendAsync(log, "b"));
        said.Add(await AppendAsync(log, "a"));
        said.ForEach(Console.WriteLine);
        return 0;
    }

    private static async Task<string> AppendAsync(EmbeddedLog log, string topic)
    {
        try
        {
            var appended = await log.AppendAsync(
                new AppendRequest(topic, [NewRecord.Of(null, "x"u8.ToArray())]), CancellationToken.None);
            return FormattableString.Invariant($"{topic} acked {appended.Batches[0].BaseOffset}");
        }
        catch (KappaException refused)
        {
            return $"{topic} refused {refused.Message} {refused.Next}";
        }
    }

    private static void Must(int code)
    {
        if (code != 0)
        {
            throw new InvalidOperationException("The limit of open files could not be changed.");
        }
    }

    [DllImport("libc")]
    private static extern int getrlimit(int resource, out Limit limit);

    [DllImport("libc")]
    private static extern int setrlimit(int resource, in Limit limit);

    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct Limit(ulong Now, ulong Max);
}
