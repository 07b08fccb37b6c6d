using System.Globalization;

namespace Kappa.Log.Erasures;

/// <summary>Which segment of a log, wherever it lies.</summary>
/// <param name="TopicId">The topic's id.</param>
/// <param name="Partition">The partition.</param>
/// <param name="Number">The segment's number in it.</param>
internal readonly record struct SegmentName(int TopicId, int Partition, int Number)
{
    private const string Ending = ".erased";

    /// <summary>The file of what was erased in it.</summary>
    public string FileName => string.Create(
        CultureInfo.InvariantCulture, $"{TopicId:D6}-{Partition:D4}-{Number:D8}{Ending}");

    /// <summary>Reads the name of such a file; null where it is no such name.</summary>
    public static SegmentName? Parse(string fileName)
    {
        var parts = fileName.EndsWith(Ending, StringComparison.Ordinal)
            ? fileName[..^Ending.Length].Split('-') : [];
        return parts.Length == 3 && Number(parts[0]) is { } topic && Number(parts[1]) is { } partition
            && Number(parts[2]) is { } number
            ? new SegmentName(topic, partition, number)
            : null;

        static int? Number(string digits) =>
            int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
    }
}
