using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Kappa.Client;
using Kappa.Log;

namespace Kappa.Server.Http;

/// <summary>
/// The records of a request body. Each value is kept byte for byte as it came; the key is the text of one of its
/// properties. Lines that are no records are listed with their numbers, the first 100 of them.
/// </summary>
internal sealed class RecordLines
{
    private const int ListedMax = 100;
    private const int DepthMax = 64;
    private readonly byte[]? _keyField;
    private readonly bool _isRemoval;
    private readonly List<BadLine> _bad = [];

    private RecordLines(string? keyField, bool isRemoval)
    {
        _keyField = keyField is null ? null : Encoding.UTF8.GetBytes(keyField);
        _isRemoval = isRemoval;
    }

    /// <summary>The records, in order.</summary>
    public List<NewRecord> Records { get; } = [];

    /// <summary>The first bad lines.</summary>
    public IReadOnlyList<BadLine> Bad => _bad;

    /// <summary>How many lines are bad.</summary>
    public long BadCount { get; private set; }

    /// <summary>Reads one JSON value per line; empty lines count but are none.</summary>
    /// <param name="body">The lines.</param>
    /// <param name="keyField">The property whose text is the key; null for none.</param>
    /// <param name="isRemoval">Of each line only the key is taken: its record has no value (rule O3).</param>
    public static RecordLines OfLines(ReadOnlyMemory<byte> body, string? keyField, bool isRemoval)
    {
        var lines = new RecordLines(keyField, isRemoval);
        var number = 0L;
        while (!body.IsEmpty)
        {
            var end = body.Span.IndexOf((byte)'\n');
            var line = end < 0 ? body : body[..end];
            body = end < 0 ? default : body[(end + 1)..];
            number++;
            if (line.Length > 0 && line.Span[^1] == '\r')
            {
                line = line[..^1];
            }

            if (line.Span.ContainsAnyExcept(" \t"u8))
            {
                lines.Add(number, line);
            }
        }

        return lines;
    }

    /// <summary>Reads one JSON value, or the elements of one array. Numbers of bad ones count elements.</summary>
    /// <exception cref="KappaException">The body is no JSON.</exception>
    public static RecordLines OfJson(ReadOnlyMemory<byte> body, string? keyField, bool isRemoval)
    {
        var lines = new RecordLines(keyField, isRemoval);
        var start = body.Span.IndexOfAnyExcept(" \t\r\n"u8);
        if (start < 0)
        {
            return lines;
        }

        if (body.Span[start] != '[')
        {
            var last = body.Span.LastIndexOfAnyExcept(" \t\r\n"u8);
            lines.Add(1, body[start..(last + 1)]);
            return lines;
        }

        try
        {
            lines.AddElements(body);
        }
        catch (JsonException broken)
        {
            throw new KappaException(
                ErrorKind.Invalid, "The array cannot be read: "
                    + broken.Message, "Correct the JSON and send it again.", broken);
        }

        return lines;
    }

    private void AddElements(ReadOnlyMemory<byte> body)
    {
        // One level deeper than a single value, so that both forms take the same values.
        var reader = new Utf8JsonReader(body.Span, new JsonReaderOptions { MaxDepth = DepthMax + 1 });
        reader.Read();
        for (var number = 1L; reader.Read() && reader.TokenType != JsonTokenType.EndArray; number++)
        {
            var from = (int)reader.TokenStartIndex;
            reader.Skip();
            Add(number, body[from..(int)reader.BytesConsumed]);
        }

        if (reader.Read())
        {
            throw new JsonException("More follows behind it.");
        }
    }

    private void Add(long number, ReadOnlyMemory<byte> value)
    {
        try
        {
            var key = KeyOf(value.Span);
            Records.Add(new NewRecord(key, _isRemoval ? null : value));
        }
        catch (Exception broken) when (broken is JsonException or FormatException or InvalidOperationException)
        {
            BadCount++;
            if (_bad.Count < ListedMax)
            {
                _bad.Add(new BadLine(number, broken.Message));
            }
        }
    }

    private ReadOnlyMemory<byte>? KeyOf(ReadOnlySpan<byte> value)
    {
        if (!Utf8.IsValid(value))
        {
            throw new FormatException("It is not UTF-8.");
        }

        ReadOnlyMemory<byte>? key = null;
        var reader = new Utf8JsonReader(value, new JsonReaderOptions { MaxDepth = DepthMax });
        while (reader.Read())
        {
            if (_keyField is not null && reader.CurrentDepth == 1 && reader.TokenType == JsonTokenType.PropertyName
                && reader.ValueTextEquals(_keyField))
            {
                if (key is not null)
                {
                    throw new FormatException($"It has the key field '{Encoding.UTF8.GetString(_keyField)}' twice.");
                }

                reader.Read();
                key = TextOf(ref reader);
            }
        }

        return _keyField is null || key is not null
            ? key
            : throw new FormatException($"It has no key field '{Encoding.UTF8.GetString(_keyField)}'.");
    }

    private static byte[] TextOf(ref Utf8JsonReader reader) => reader.TokenType switch
    {
        JsonTokenType.String => Encoding.UTF8.GetBytes(reader.GetString()!),
        JsonTokenType.Number => reader.ValueSpan.ToArray(),
        JsonTokenType.True => "true"u8.ToArray(),
        JsonTokenType.False => "false"u8.ToArray(),
        _ => throw new FormatException("Its key field is neither text nor number nor true or false."),
    };
}
