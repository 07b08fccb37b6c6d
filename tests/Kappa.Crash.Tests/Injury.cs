namespace Kappa.Crash;

/// <summary>Makes damages that change something, by chance.</summary>
internal sealed class Injury(
    SortedDictionary<string, byte[]> files, SortedDictionary<string, byte[]> older, Random random)
{
    private const int SectorBytes = 512;
    private readonly string[] _paths = [.. files.Keys];

    /// <summary>What is done, and the files after it; null: the file is gone.</summary>
    public (string What, Dictionary<string, byte[]?> Changes) Next()
    {
        while (true)
        {
            var path = _paths[random.Next(_paths.Length)];
            var (what, changed) = Damage(path, files[path]);
            if (changed is { } other && other.Count > 0
                && other.Any(pair => pair.Value is null || !pair.Value.AsSpan().SequenceEqual(files[pair.Key])))
            {
                return ($"{what} in {path}", other);
            }
        }
    }

    private (string, Dictionary<string, byte[]?>?) Damage(string path, byte[] bytes)
    {
        switch (random.Next(14))
        {
            case 0 or 1 or 2:
                return One("a flipped bit", path, Change(bytes, copy =>
                    copy[random.Next(copy.Length)] ^= (byte)(1 << random.Next(8))));
            case 3:
                return One("a changed byte", path, Change(bytes, copy =>
                    copy[random.Next(copy.Length)] = (byte)random.Next(256)));
            case 4 or 5:
                return One("an early end", path, bytes[..random.Next(bytes.Length)]);
            case 6:
                return One("zeros in a sector", path, Change(bytes, copy => Sector(copy, SectorBytes).Clear()));
            case 7:
                return One("zeros in a page", path, Change(bytes, copy => Sector(copy, 4_096).Clear()));
            case 8:
                return One("two sectors exchanged", path, Change(bytes, Exchange));
            case 9:
                return One("a sector twice", path, Change(bytes, Repeat));
            case 10:
                return One("an older sector", path, Older(path, bytes));
            case 11:
                return One("a file that is gone", path, null);
            case 12:
                var from = _paths[random.Next(_paths.Length)];
                return ($"another file's bytes ({from})", new() { [path] = files[from] });
            default:
                var with = _paths[random.Next(_paths.Length)];
                return ($"exchange with {with}", new() { [path] = files[with], [with] = bytes });
        }
    }

    private static (string, Dictionary<string, byte[]?>?) One(string what, string path, byte[]? bytes) =>
        (what, new() { [path] = bytes });

    private static byte[] Change(byte[] bytes, Action<byte[]> change)
    {
        var copy = (byte[])bytes.Clone();
        if (copy.Length > 0)
        {
            change(copy);
        }

        return copy;
    }

    private int SectorAt(byte[] bytes) => random.Next((bytes.Length + SectorBytes - 1) / SectorBytes) * SectorBytes;

    private Span<byte> Sector(byte[] bytes, int size)
    {
        var at = SectorAt(bytes);
        return bytes.AsSpan(at, Math.Min(size, bytes.Length - at));
    }

    private void Exchange(byte[] bytes)
    {
        if (bytes.Length >= 2 * SectorBytes)
        {
            var (one, two) = (random.Next(bytes.Length / SectorBytes), random.Next(bytes.Length / SectorBytes));
            var kept = bytes.AsSpan(one * SectorBytes, SectorBytes).ToArray();
            bytes.AsSpan(two * SectorBytes, SectorBytes).CopyTo(bytes.AsSpan(one * SectorBytes));
            kept.CopyTo(bytes.AsSpan(two * SectorBytes));
        }
    }

    private void Repeat(byte[] bytes)
    {
        var from = Sector(bytes, SectorBytes).ToArray();
        var at = SectorAt(bytes);
        from.AsSpan(0, Math.Min(from.Length, bytes.Length - at)).CopyTo(bytes.AsSpan(at));
    }

    // A write that went astray: bytes of another file, or of an earlier time, at a sector.
    private byte[] Older(string path, byte[] bytes)
    {
        var from = random.Next(2) == 0 && older.TryGetValue(path, out var before)
            ? before
            : older.Values.ElementAt(random.Next(older.Count));
        return from.Length == 0 ? bytes : Change(bytes, copy =>
        {
            var at = SectorAt(copy);
            var some = Sector(from, SectorBytes);
            some[..Math.Min(some.Length, copy.Length - at)].CopyTo(copy.AsSpan(at));
        });
    }
}
