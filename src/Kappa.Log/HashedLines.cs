using System.Buffers;
using System.Security.Cryptography;
using System.Text.Json;

namespace Kappa.Log;

/// <summary>
/// The form of every object of an archive that is no segment, and of notes of what was erased: lines of JSON, each but
/// the first with the hash of the line before, and at the end a line with the hash of the last. So a changed byte
/// anywhere is found.
/// </summary>
internal static class HashedLines
{
    /// <summary>Stands before the first line of all.</summary>
    public static readonly string NoHash = new('0', 64);

    public static byte[] Line(Action<Utf8JsonWriter> write)
    {
        var into = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(into))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }

        return into.WrittenSpan.ToArray();
    }

    public static string HashOf(ReadOnlySpan<byte> line) => Convert.ToHexStringLower(SHA256.HashData(line));

    /// <summary>Puts lines and the one at the end together.</summary>
    public static byte[] Join(IEnumerable<byte[]> lines, long entries)
    {
        var into = new MemoryStream();
        var last = NoHash;
        foreach (var line in lines)
        {
            into.Write(line);
            into.WriteByte((byte)'\n');
            last = HashOf(line);
        }

        into.Write(Line(json =>
        {
            json.WriteNumber("entries", entries);
            json.WriteString("head", last);
        }));
        into.WriteByte((byte)'\n');
        return into.ToArray();
    }

    /// <summary>Takes an object apart and checks its chain.</summary>
    /// <param name="bytes">The object.</param>
    /// <param name="name">Its name, for the error.</param>
    /// <returns>The lines but the last, and the hash of the last of these.</returns>
    /// <exception cref="KappaException">Something was changed: which line is named.</exception>
    public static (List<JsonElement> Lines, List<byte[]> Raw, string Head, long Entries) Split(
        byte[] bytes, string name)
    {
        var lines = new List<JsonElement>();
        var raw = new List<byte[]>();
        var hash = NoHash;
        var at = 0;
        try
        {
            while (at < bytes.Length)
            {
                var length = bytes.AsSpan(at).IndexOf((byte)'\n');
                if (length < 0)
                {
                    throw Damage(name, lines.Count + 1, "it is cut short");
                }

                var text = bytes.AsSpan(at, length).ToArray();
                at += length + 1;
                using var document = JsonDocument.Parse(text);
                var line = document.RootElement.Clone();
                if (line.TryGetProperty("head", out var head))
                {
                    return (head.GetString() == hash && at == bytes.Length)
                        ? (lines, raw, hash, line.GetProperty("entries").GetInt64())
                        : throw Damage(name, lines.Count + 1, "the hash at its end is another");
                }

                if (lines.Count > 0 && line.GetProperty("previous").GetString() != hash)
                {
                    throw Damage(name, lines.Count + 1, "the hash of the line before is another");
                }

                lines.Add(line);
                raw.Add(text);
                hash = HashOf(text);
            }
        }
        catch (Exception wrong) when (wrong is JsonException or KeyNotFoundException or InvalidOperationException
            or FormatException)
        {
            throw Damage(name, lines.Count + 1, wrong.Message, wrong);
        }

        throw Damage(name, lines.Count + 1, "its end is missing");
    }

    public static KappaException Damage(string name, int line, string what, Exception? inner = null) => new(
        ErrorKind.Corrupt,
        $"'{name}' is damaged at line {line}: {what}.",
        "Bring that object back from another copy of the archive. Nothing was read or written behind it.",
        inner);
}
