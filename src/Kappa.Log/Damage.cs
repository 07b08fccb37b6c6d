namespace Kappa.Log;

/// <summary>The error that names where stored bytes are not what was written (rule L7).</summary>
internal static class Damage
{
    public static KappaException Error(
        string path, string topic, int partition, long offset, long position, string what,
        Exception? inner = null) => new(
        ErrorKind.Corrupt,
        $"'{path}' is damaged at byte {position} (topic '{topic}', partition {partition}, offset {offset}): {what}.",
        "Run 'kappa verify' for the extent; restore that file from the archive or a backup. Nothing was cut.",
        inner);
}
