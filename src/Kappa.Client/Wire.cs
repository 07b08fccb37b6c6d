using System.Text.Json;

namespace Kappa.Client;

/// <summary>How the words of the HTTP API are written as JSON: camelCase names, nothing unknown, nothing twice.</summary>
public static class Wire
{
    /// <summary>The header that carries a request key (rule L8).</summary>
    public const string RequestHeader = "Kappa-Request";

    /// <summary>The header that names the property whose value is the record's key.</summary>
    public const string KeyFieldHeader = "Kappa-Key-Field";

    /// <summary>The header that names the version that answered.</summary>
    public const string VersionHeader = "Kappa-Version";

    /// <summary>The header that names the place of an answer.</summary>
    public const string PlaceHeader = "Kappa-Place";

    /// <summary>The header with the SHA-256 of an export.</summary>
    public const string ChecksumHeader = "Kappa-Checksum";

    /// <summary>For requests and answers.</summary>
    public static JsonSerializerOptions Json { get; } = Make(JsonSerializerOptions.Strict);

    /// <summary>For answers of a server that may be newer than this client.</summary>
    internal static JsonSerializerOptions Answers { get; } = Make(JsonSerializerOptions.Web);

    private static JsonSerializerOptions Make(JsonSerializerOptions like)
    {
        var options = new JsonSerializerOptions(like)
        {
            PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
            MaxDepth = 64,
            Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        };
        options.MakeReadOnly(populateMissingResolver: true);
        return options;
    }
}
