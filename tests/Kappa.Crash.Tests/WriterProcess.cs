namespace Kappa.Crash;

/// <summary>
/// A process that appends to a log on the real disk and says of every request what it was told; goes on after errors.
/// </summary>
internal static class WriterProcess
{
    public const string Topic = "orders";

    public static async Task<int> RunAsync(string folder, int requests)
    {
        EmbeddedLog log;
        try
        {
            log = await EmbeddedLog.OpenAsync(new LogOptions { Folder = folder }, CancellationToken.None);
            await log.ChangeAsync(new CreateTopic(Topic), CancellationToken.None);
        }
        catch (KappaException refused)
        {
            Console.WriteLine($"refused open {refused.Message}");
            return 3;
        }

        await using (log)
        {
            Console.WriteLine("open");
            for (var id = 0; id < requests; id++)
            {
                try
                {
                    var value = System.Text.Encoding.ASCII.GetBytes(FormattableString.Invariant($"{id}.0."));
                    var appended = await log.AppendAsync(
                        new AppendRequest(Topic, [NewRecord.Of(null, value)]), CancellationToken.None);
                    Console.WriteLine(FormattableString.Invariant($"acked {id} {appended.Batches[0].BaseOffset}"));
                }
                catch (KappaException refused)
                {
                    Console.WriteLine(FormattableString.Invariant($"refused {id} {refused.Message}"));
                }
            }
        }

        return 0;
    }
}
