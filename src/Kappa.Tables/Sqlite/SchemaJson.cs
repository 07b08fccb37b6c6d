using System.Text.Json;
using System.Text.Json.Serialization;
using Kappa.Log;

namespace Kappa.Tables.Sqlite;

/// <summary>Schemas as JSON, as <c>kappa_meta</c> keeps them.</summary>
internal static class SchemaJson
{
    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false) },
    };

    public static string Write(IReadOnlyList<TableSchema> tables) => JsonSerializer.Serialize(tables, Options);

    /// <summary>What must not change under stored rows: names, columns, types, in order.</summary>
    public static string Shape(IReadOnlyList<TableSchema> tables) =>
        Write([.. tables.Select(t => new TableSchema(t.Name, t.Key, t.Values))]);

    public static IReadOnlyList<TableSchema> Read(string json, string file)
    {
        try
        {
            return JsonSerializer.Deserialize<IReadOnlyList<TableSchema>>(json, Options)
                ?? throw new JsonException("null");
        }
        catch (JsonException error)
        {
            throw new KappaException(
                ErrorKind.Corrupt, $"The schemas stored in '{file}' cannot be read.",
                "Drop this version and reprocess the job: the log still holds everything.", error);
        }
    }
}
