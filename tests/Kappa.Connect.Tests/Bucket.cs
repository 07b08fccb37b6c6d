using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Xml.Linq;
using Microsoft.AspNetCore.Http;

namespace Kappa.Connect.Tests;

/// <summary>
/// The part of S3's protocol an archive uses, as it is documented: objects by PUT and GET, If-None-Match, listing with
/// a delimiter; each request's signature (version 4) and content hash checked. It is no S3.
/// </summary>
internal sealed class Bucket
{
    private const string Secret = "S3RVER";
    private readonly ConcurrentDictionary<string, byte[]> _objects = new(StringComparer.Ordinal);

    /// <summary>Answers everything with this status, unless 0.</summary>
    public int Status { get; set; }

    public async Task ServeAsync(HttpContext context)
    {
        var request = context.Request;
        var body = new MemoryStream();
        await request.Body.CopyToAsync(body);
        if (Status != 0 || Refusal(request, body.ToArray()) is not null)
        {
            await ErrorAsync(context, Status != 0 ? Status : 403, Refusal(request, body.ToArray()) ?? "SlowDown");
            return;
        }

        var key = request.Path.Value!["/kappa".Length..].TrimStart('/');
        switch (request.Method)
        {
            case "PUT" when request.Headers.IfNoneMatch == "*":
                context.Response.StatusCode = _objects.TryAdd(key, body.ToArray()) ? 200 : 412;
                break;
            case "PUT":
                _objects[key] = body.ToArray();
                break;
            case "DELETE":
                // Amazon's answers the same whether there was one.
                _objects.TryRemove(key, out _);
                context.Response.StatusCode = 204;
                break;
            case "GET" when key.Length == 0:
                await context.Response.WriteAsync(Listed(request.Query["prefix"].ToString()));
                break;
            case "GET" when _objects.TryGetValue(key, out var found):
                await context.Response.Body.WriteAsync(found);
                break;
            default:
                await ErrorAsync(context, 404, "NoSuchKey");
                break;
        }
    }

    private string Listed(string prefix)
    {
        XNamespace s3 = "http://s3.amazonaws.com/doc/2006-03-01/";
        var under = _objects.Keys.Where(key => key.StartsWith(prefix, StringComparison.Ordinal)).ToList();
        return new XElement(
            s3 + "ListBucketResult",
            new XElement(s3 + "Name", "kappa"), new XElement(s3 + "Prefix", prefix),
            new XElement(s3 + "IsTruncated", "false"),
            under.Where(key => !key[prefix.Length..].Contains('/', StringComparison.Ordinal))
                .Select(key => new XElement(s3 + "Contents", new XElement(s3 + "Key", key))),
            under.Where(key => key[prefix.Length..].Contains('/', StringComparison.Ordinal))
                .Select(key => prefix + key[prefix.Length..].Split('/')[0] + "/").Distinct()
                .Select(one => new XElement(s3 + "CommonPrefixes", new XElement(s3 + "Prefix", one)))).ToString();
    }

    /// <summary>What is wrong with who asks, or null: the signature is computed here again.</summary>
    private static string? Refusal(HttpRequest request, byte[] body)
    {
        var authorization = request.Headers.Authorization.ToString();
        if (!authorization.StartsWith("AWS4-HMAC-SHA256 ", StringComparison.Ordinal))
        {
            return "AccessDenied";
        }

        var parts = authorization["AWS4-HMAC-SHA256 ".Length..].Split(',', StringSplitOptions.TrimEntries)
            .Select(part => part.Split('=', 2)).ToDictionary(part => part[0], part => part[1]);
        var scope = parts["Credential"].Split('/')[1..];
        var hash = request.Headers["x-amz-content-sha256"].ToString();
        if (hash != "UNSIGNED-PAYLOAD" && hash != Hex(SHA256.HashData(body)))
        {
            return "XAmzContentSHA256Mismatch";
        }

        var signed = parts["SignedHeaders"].Split(';');
        var canonical = string.Join('\n',
        [
            request.Method,
            string.Join('/', request.Path.Value!.Split('/').Select(Uri.EscapeDataString)),
            string.Join('&', request.Query.OrderBy(one => one.Key, StringComparer.Ordinal).Select(one =>
                $"{Uri.EscapeDataString(one.Key)}={Uri.EscapeDataString(one.Value.ToString())}")),
            .. signed.Select(name => $"{name}:{request.Headers[name].ToString().Trim()}"),
            "",
            string.Join(';', signed),
            hash,
        ]);
        var text = string.Join(
            '\n', "AWS4-HMAC-SHA256", request.Headers["x-amz-date"], string.Join('/', scope),
            Hex(SHA256.HashData(Encoding.UTF8.GetBytes(canonical))));
        var key = scope.Aggregate(
            Encoding.UTF8.GetBytes("AWS4" + Secret),
            (so, part) => HMACSHA256.HashData(so, Encoding.UTF8.GetBytes(part)));
        return parts["Signature"] == Hex(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(text)))
            ? null : "SignatureDoesNotMatch";
    }

    private static string Hex(byte[] bytes) => Convert.ToHexStringLower(bytes);

    private static Task ErrorAsync(HttpContext context, int status, string code)
    {
        context.Response.StatusCode = status;
        return context.Response.WriteAsync(
            new XElement("Error", new XElement("Code", code), new XElement("Message", "said by the test")).ToString());
    }
}
