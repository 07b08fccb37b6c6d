using Kappa.Log.Archives;

namespace Kappa.Log;

/// <summary>
/// Opens segments of a partition where they lie: in the log, or in an archive where it has them no more.
/// </summary>
/// <param name="partition">The partition.</param>
/// <param name="archives">The archives of the log; null: none.</param>
internal sealed class SegmentSource(Partition partition, LogArchives? archives)
{
    public Partition Partition => partition;

    /// <summary>Opens a segment as it is now.</summary>
    /// <exception cref="KappaException">It was removed and no archive has it, or none gives it.</exception>
    public Opened Open(int number)
    {
        if (partition.Segments is [var first, ..] && number >= first.Header.Number)
        {
            try
            {
                var (segment, file) = partition.Open(number);
                return new Opened(segment, file, file);
            }
            catch (KappaException) when (partition.Segments is [var now, ..] && now.Header.Number > number)
            {
                // Removed a moment ago.
            }
        }

        var lease = archives?.Of(partition)?.TryTake(number) ?? throw Retention.Removed(partition);
        return new Opened(lease.Segment, lease.File, lease);
    }

    /// <summary>A segment and its file, open.</summary>
    public readonly struct Opened(Segment segment, IFile file, IDisposable held) : IDisposable
    {
        public Segment Segment => segment;

        public IFile File => file;

        public void Dispose() => held.Dispose();
    }
}
