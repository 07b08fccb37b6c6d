namespace Kappa.Streams.Tests.Outputs;

/// <summary>The jobs of the guide to outputs.</summary>
public static class GuideJobs
{
    // <topic>
    public static readonly Job Detect = Job.Define("detect", flow => flow
        .From<Reading>("readings")
        .Where(reading => reading.Value > 90)
        .ToTopic("alerts", reading => reading.Device));
    // </topic>

    // <chain>
    public static readonly Job Count = Job.Define("count", flow => flow
        .From<Reading>("alerts")
        .KeyBy(alert => alert.Device)
        .Aggregate(0L, (count, _) => count + 1)
        .ToTable("alerts-by-device"));
    // </chain>

    // <webhook>
    public static readonly Job Pager = Job.Define("pager", flow => flow
        .From<Reading>("readings")
        .Where(reading => reading.Value > 99)
        .ToWebhook("pages", new Uri("https://example.com/page"), reading => reading.Device));
    // </webhook>
}
