namespace Kappa.Log;

/// <summary>What makes a request wrong in itself.</summary>
internal static class RequestRules
{
    private const int HeadersMax = 1_000;

    /// <exception cref="KappaException">The request is wrong.</exception>
    public static void Check(AppendRequest request)
    {
        if (request.Records is null || request.Records.Count == 0)
        {
            throw Wrong($"The request to topic '{request.Topic}' has no records.", "Send at least one record.");
        }

        if (request.Producer is { } producer)
        {
            var own = producer.StartsWith("_kappa.", StringComparison.Ordinal)
                ? producer["_kappa.".Length..] : producer;
            Names.Check("producer", own);
            if (producer.Length > Names.LengthMax)
            {
                throw Wrong($"'{producer}' is longer than {Names.LengthMax} characters.", "Choose a shorter name.");
            }

            if (request.Number < 0)
            {
                throw Wrong(
                    $"Number {request.Number} of producer '{producer}' is negative; allowed are 0 and more.",
                    "Number requests from 0 or 1 upwards.");
            }
        }

        for (var i = 0; i < request.Records.Count; i++)
        {
            if (request.Records[i].Headers is { Count: > HeadersMax } headers)
            {
                throw Wrong($"Record {i} has {headers.Count} headers; allowed are {HeadersMax}.",
                    "Send fewer headers.");
            }
        }
    }

    private static KappaException Wrong(string message, string next) => new(ErrorKind.Invalid, message, next);
}
