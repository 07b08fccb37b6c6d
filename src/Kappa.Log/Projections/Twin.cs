namespace Kappa.Log.Projections;

/// <summary>A twin on the disk: a segment of typed values beside one of the log's own.</summary>
internal sealed class Twin(string path, TwinHeader header)
{
    public string Path { get; } = path;

    public TwinHeader Header { get; } = header;

    /// <summary>Its batches, as a segment has them.</summary>
    public Segment Segment { get; } = new(path, header.Segment, header.Length, header.Size);

    /// <summary>Its name among all twins.</summary>
    public (Guid Raw, string Key) Id => (Header.RawId, Header.Key);

    public static string NameOf(Guid raw, string key) => $"{raw:N}-{key}.projection";
}
