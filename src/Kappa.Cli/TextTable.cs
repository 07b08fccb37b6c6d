using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Kappa.Cli;

/// <summary>Rows for people: columns aligned, numbers to the right.</summary>
internal sealed class TextTable(params string[] headers)
{
    private const int CellLengthMax = 60;
    private readonly List<string[]> _rows = [];
    private readonly HashSet<int> _textColumns = [];

    /// <summary>Adds a row.</summary>
    public void Add(params object?[] cells)
    {
        for (var i = 0; i < cells.Length; i++)
        {
            if (!(cells[i] is long or int or double or null or JsonElement { ValueKind: JsonValueKind.Number or JsonValueKind.Null }))
            {
                _textColumns.Add(i);
            }
        }

        _rows.Add([.. cells.Select(Text)]);
    }

    /// <inheritdoc/>
    public override string ToString()
    {
        var widths = headers.Select((header, i) => _rows.Select(row => row[i].Length).Append(header.Length).Max()).ToArray();
        var text = new StringBuilder();
        foreach (var row in _rows.Prepend(headers))
        {
            var line = row.Select((cell, i) => _textColumns.Contains(i) || _rows.Count == 0
                ? cell.PadRight(widths[i])
                : cell.PadLeft(widths[i]));
            text.Append(string.Join("  ", line).TrimEnd()).Append('\n');
        }

        return text.ToString();
    }

    /// <summary>A cell as people read it.</summary>
    public static string Text(object? value)
    {
        var text = value switch
        {
            null or JsonElement { ValueKind: JsonValueKind.Null } => "",
            long number => number.ToString("N0", CultureInfo.InvariantCulture),
            int number => number.ToString("N0", CultureInfo.InvariantCulture),
            double number => number.ToString("N1", CultureInfo.InvariantCulture),
            JsonElement { ValueKind: JsonValueKind.String } element => element.GetString()!,
            JsonElement element => element.GetRawText(),
            IFormattable other => other.ToString(null, CultureInfo.InvariantCulture),
            _ => value.ToString()!,
        };
        text = text.ReplaceLineEndings(" ");
        return text.Length <= CellLengthMax ? text : text[..(CellLengthMax - 1)] + "…";
    }
}
