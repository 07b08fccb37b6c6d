using System.Globalization;
using Kappa.Client;

namespace Kappa.Cli;

/// <summary>Watches versions until they are caught up, and shows how far they are: records, rate, time left.</summary>
internal static class ProgressLine
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(300);
    private static readonly TimeSpan QuietPause = TimeSpan.FromSeconds(5);

    /// <summary>Waits until every version is Ready or Live.</summary>
    /// <exception cref="RequestFailedException">One of them failed or was dropped.</exception>
    public static async Task WaitAsync(Session session, IReadOnlyList<string> versions, CancellationToken cancel)
    {
        foreach (var version in versions)
        {
            await WaitAsync(session, version, cancel);
        }
    }

    private static async Task WaitAsync(Session session, string version, CancellationToken cancel)
    {
        var shown = TimeSpan.Zero;
        var since = System.Diagnostics.Stopwatch.StartNew();
        while (true)
        {
            var job = await session.Client.JobAsync(version[..version.LastIndexOf('@')], cancel);
            var view = job.Versions.First(one => one.Version == version);
            var done = view.State is "Ready" or "Live";
            if (done || session.Terminal.IsInteractive || since.Elapsed - shown > QuietPause)
            {
                shown = since.Elapsed;
                await ShowAsync(session, view, done);
            }

            if (done)
            {
                return;
            }

            if (view.State is "Failed" or "Dropped" or "Retired")
            {
                throw new RequestFailedException(
                    409, $"{version} is {view.State}: {view.Error ?? "it was given up"}",
                    $"See 'kappa jobs {job.Job}'; correct the job and deploy it again.");
            }

            await Task.Delay(Pause, cancel);
        }
    }

    private static async Task ShowAsync(Session session, VersionView view, bool done)
    {
        var line = $"{view.Version}  {view.State.ToLowerInvariant()}  {Text(view.Progress)}";
        var error = session.Terminal.Error;
        if (session.Terminal.IsInteractive)
        {
            await error.WriteAsync("\r" + line.PadRight(100) + (done ? "\n" : ""));
        }
        else
        {
            await error.WriteLineAsync(line.TrimEnd());
        }
    }

    /// <summary>Progress in words.</summary>
    public static string Text(ProgressView? progress)
    {
        if (progress is null)
        {
            return "";
        }

        var text = string.Create(
            CultureInfo.InvariantCulture,
            $"{progress.RecordsDone:N0}/{progress.RecordsTotal:N0} records  {progress.RecordsPerSecond:N0}/s");
        return progress.EtaSeconds is { } eta and > 0 && progress.RecordsDone < progress.RecordsTotal
            ? text + string.Create(CultureInfo.InvariantCulture, $"  {TimeSpan.FromSeconds(Math.Ceiling(eta)):g} left")
            : text;
    }
}
