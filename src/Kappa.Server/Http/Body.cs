using System.Text.Json;
using Kappa.Client;
using Kappa.Log;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Kappa.Server.Http;

/// <summary>Reads request bodies under a limit, and writes answers.</summary>
internal static class Body
{
    /// <summary>The largest request that is not records and no artifact, in bytes.</summary>
    public const long ControlBytesMax = 1 << 20;

    /// <summary>Reads a JSON body: nothing unknown, nothing twice, at most 1 MiB.</summary>
    public static async ValueTask<T> ReadAsync<T>(HttpContext context)
    {
        RequireType(context, "application/json");
        var bytes = await ReadBytesAsync(context, ControlBytesMax);
        try
        {
            return JsonSerializer.Deserialize<T>(bytes.Span, Wire.Json) ?? throw new JsonException("It is null.");
        }
        catch (JsonException broken)
        {
            throw new KappaException(
                ErrorKind.Invalid, "The request cannot be read: " + Described(broken),
                "Correct the JSON; docs/reference/http.md shows each request.", broken);
        }
    }

    /// <summary>Reads a whole body.</summary>
    /// <param name="context">The request.</param>
    /// <param name="bytesMax">The largest that is taken; more is answered with 413.</param>
    public static async ValueTask<ReadOnlyMemory<byte>> ReadBytesAsync(HttpContext context, long bytesMax)
    {
        Limit(context, bytesMax);
        using var whole = new MemoryStream();
        var buffer = new byte[16 << 10];
        int read;
        while ((read = await context.Request.Body.ReadAsync(buffer, context.RequestAborted)) > 0)
        {
            if (whole.Length + read > bytesMax)
            {
                throw TooLarge(bytesMax);
            }

            whole.Write(buffer, 0, read);
        }

        return whole.GetBuffer().AsMemory(0, (int)whole.Length);
    }

    /// <summary>Sets the limit of a body before any of it is read.</summary>
    public static void Limit(HttpContext context, long bytesMax)
    {
        if (context.Request.Headers.ContentEncoding.Count > 0)
        {
            throw new BadHttpRequestException("Compressed bodies are not taken.", 415);
        }

        if (context.Request.ContentLength > bytesMax)
        {
            throw TooLarge(bytesMax);
        }

        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } feature)
        {
            feature.MaxRequestBodySize = bytesMax;
        }
    }

    /// <summary>Refuses bodies of other types, so that no web form reaches the API.</summary>
    public static void RequireType(HttpContext context, params string[] types)
    {
        var type = context.Request.ContentType?.Split(';')[0].Trim();
        if (!types.Contains(type, StringComparer.OrdinalIgnoreCase))
        {
            throw new BadHttpRequestException(
                $"The content type is '{type ?? "none"}'; allowed is {string.Join(" or ", types)}.", 415);
        }
    }

    /// <summary>An answer in the API's words.</summary>
    public static IResult Answer<T>(T value) => Results.Json(value, Wire.Json);

    private static BadHttpRequestException TooLarge(long bytesMax) =>
        new($"The body is larger than {bytesMax} bytes.", 413);

    private static string Described(JsonException broken) =>
        broken.Message.Replace("Path: $ | ", "", StringComparison.Ordinal);
}
