namespace Kappa.Log;

/// <summary>Looks in the clock topic for the record that completes a topic (rule L6).</summary>
internal static class CompletionSearch
{
    public static bool IsIn(Partition clock, string topic, IFileSystem files)
    {
        using var cursor = new PartitionCursor(clock, Place.Start, files, new ReadPieces(), null, null, null, null);
        while (cursor.TryLoad())
        {
            foreach (var record in cursor.Take())
            {
                if (ClockRecord.Parse(record.Value) is { Kind: ClockKind.Complete } complete && complete.Topic == topic)
                {
                    return true;
                }
            }
        }

        return false;
    }
}
