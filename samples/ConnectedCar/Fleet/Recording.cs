using System.Globalization;
using System.Text.Json;

namespace ConnectedCar.Fleet;

/// <summary>
/// The recordings of carOBD as telemetry: each CSV file is a device named after it. The recordings have no wall clock,
/// so the calendar is ours: file after file in ordinal order of their names begins a day later, from 2020-01-01, and a
/// row's time is that plus the engine's run time in its first column. A row that was cut off is sent with the fields it
/// has, for the job to refuse: nothing is left out in silence. A line of white space is no row.
/// </summary>
internal sealed class Recording(string folder)
{
    public static readonly DateTimeOffset Start = new(2020, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private const int ColumnCount = 27;
    private static readonly (int Column, string Name)[] Fields =
        [(2, "speedKmh"), (1, "rpm"), (5, "coolantC"), (4, "loadPct"), (3, "throttlePct"), (21, "voltage")];

    public long Files { get; private set; }

    public long Rows { get; private set; }

    /// <summary>Rows sent that lack a field the job needs.</summary>
    public long Incomplete { get; private set; }

    /// <summary>All rows of all files by event time; those of one time by file, then by row.</summary>
    public IEnumerable<Delivery> Read()
    {
        if (!Directory.Exists(folder))
        {
            throw new FleetException(
                $"There is no folder '{folder}'. Name the folder with carOBD's CSV files by --data.");
        }

        var files = Directory.GetFiles(folder, "*.csv").OrderBy(Path.GetFileName, StringComparer.Ordinal).ToArray();
        if (files.Length == 0)
        {
            throw new FleetException(
                $"There is no CSV file in '{folder}'. Name the folder with carOBD's CSV files by --data.");
        }

        Files = files.Length;
        var rows = new List<Delivery>();
        for (var day = 0; day < files.Length; day++)
        {
            rows.AddRange(ReadFile(files[day], Start.AddDays(day)));
        }

        return rows.OrderBy(row => row.SentAt);
    }

    private IEnumerable<Delivery> ReadFile(string file, DateTimeOffset start)
    {
        var device = Path.GetFileNameWithoutExtension(file).ToLowerInvariant();
        var (boot, seq, bootStart, lastRun) = (1, 0L, TimeSpan.Zero, TimeSpan.Zero);
        foreach (var line in File.ReadLines(file).Skip(1).Where(line => !string.IsNullOrWhiteSpace(line)))
        {
            seq++;
            var cells = Cells(line);
            TimeSpan? run = cells.Count > 0 && Number(cells[0]) is { } seconds ? TimeSpan.FromSeconds(seconds) : null;
            if (run < lastRun)
            {
                // The engine was started again. Its clock goes on where the one before ended, so time never falls.
                (boot, bootStart) = (boot + 1, bootStart + lastRun);
            }

            lastRun = run ?? lastRun;
            Rows++;
            yield return new Delivery(start + bootStart + lastRun, Row(device, boot, seq, cells, run is null
                ? null
                : start + bootStart + lastRun));
        }
    }

    /// <summary>
    /// The cells of a row. A row of fewer columns was cut off, perhaps within a number: its last cell counts only if a
    /// comma stands behind it.
    /// </summary>
    private static List<string> Cells(string line)
    {
        var cells = line.Split(',').Select(cell => cell.Trim()).ToList();
        if (cells[^1].Length == 0 || cells.Count < ColumnCount)
        {
            cells.RemoveAt(cells.Count - 1);
        }

        return cells;
    }

    private static double? Number(string cell) =>
        double.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
        && double.IsFinite(number) ? number : null;

    private byte[] Row(string device, int boot, long seq, List<string> cells, DateTimeOffset? at)
    {
        using var bytes = new MemoryStream();
        var whole = at is not null;
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            json.WriteString("device", device);
            json.WriteString("boot", boot.ToString(CultureInfo.InvariantCulture));
            json.WriteNumber("seq", seq);
            if (at is { } time)
            {
                json.WriteString("at", time);
            }

            foreach (var (column, name) in Fields)
            {
                whole &= column < cells.Count && Number(cells[column]) is not null;
                if (column < cells.Count)
                {
                    WriteCell(json, name, cells[column]);
                }
            }

            json.WriteEndObject();
        }

        Incomplete += whole ? 0 : 1;
        return bytes.ToArray();
    }

    /// <summary>A number as a number; anything else as the text it is, which the job refuses.</summary>
    private static void WriteCell(Utf8JsonWriter json, string name, string cell)
    {
        if (Number(cell) is { } number)
        {
            json.WriteNumber(name, number);
        }
        else
        {
            json.WriteString(name, cell);
        }
    }

    public override string ToString() => FormattableString.Invariant(
        $"{Rows} rows of {Files} files, {Incomplete} of them incomplete (cut off in the file)");
}
