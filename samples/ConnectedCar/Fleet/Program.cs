using System.Globalization;
using System.Security.Cryptography;
using ConnectedCar.Fleet;

const string Usage = """
    fleet simulate [--cars 20] [--minutes 30] [--seed 1]  (--url http://… [--key …] | --out FILE)
    fleet import --data DIR                               (--url http://… [--key …] | --out FILE)

    simulate  a fleet of cars with the faults of real devices; the same seed gives the same bytes
    import    the recordings of carOBD (see README.md)
    --out     writes the lines to a file; '-' is standard output
    --key     the server's key; without it KAPPA_KEY is taken
    """;

try
{
    return args switch
    {
        ["simulate", .. var rest] => await SimulateAsync(
            new Options(rest, "cars", "minutes", "seed", "url", "key", "out", "producer")),
        ["import", .. var rest] => await ImportAsync(new Options(rest, "data", "url", "key", "out", "producer")),
        _ => Explain(),
    };
}
catch (FleetException mistake)
{
    await Console.Error.WriteLineAsync(mistake.Message);
    return 1;
}

static int Explain()
{
    Console.Error.WriteLine(Usage);
    return 2;
}

static async Task<int> SimulateAsync(Options options)
{
    var cars = options.Whole("cars", 20, 1, 1_000_000);
    var minutes = options.Whole("minutes", 30, 1, 100_000);
    var seed = options.Whole("seed", 1, 0, int.MaxValue);
    var simulation = new Simulation(cars, minutes, (ulong)seed);
    var producer = string.Create(CultureInfo.InvariantCulture, $"fleet-simulate-{seed}-{cars}-{minutes}");
    await DeliverAsync(simulation.Run(), options, producer, Feed.SpanMax);
    await Console.Error.WriteLineAsync(simulation.Tally.ToString());
    return 0;
}

static async Task<int> ImportAsync(Options options)
{
    var recording = new Recording(options.Text("data")
        ?? throw new FleetException("Name the folder with carOBD's CSV files by --data."));
    var rows = recording.Read().ToList();
    using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    rows.ForEach(row => digest.AppendData(row.Json.Span));
    var producer = "fleet-import-" + Convert.ToHexStringLower(digest.GetHashAndReset().AsSpan(0, 6));

    // One device a day: a request of an hour never holds two, so no order can be lost within it.
    await DeliverAsync(rows, options, producer, TimeSpan.FromHours(1));
    await Console.Error.WriteLineAsync(recording.ToString());
    return 0;
}

static async Task DeliverAsync(IEnumerable<Delivery> deliveries, Options options, string producer, TimeSpan span)
{
    if (options.Text("out") is { } path)
    {
        await using var output = path == "-" ? Console.OpenStandardOutput() : File.Create(path);
        await using var buffered = new BufferedStream(output, 1 << 16);
        foreach (var delivery in deliveries)
        {
            buffered.Write(delivery.Json.Span);
            buffered.WriteByte((byte)'\n');
        }

        return;
    }

    var url = options.Url("url") ?? throw new FleetException("Say where to send it: --url ADDRESS or --out FILE.");
    using var http = Feed.Client(url, options.Text("key") ?? Environment.GetEnvironmentVariable("KAPPA_KEY"));
    var feed = new Feed(http, options.Text("producer") ?? producer, TimeProvider.System);
    var requests = await feed.SendAsync(deliveries, span, CancellationToken.None);
    await Console.Error.WriteLineAsync($"{requests} requests taken by {url}");
}
