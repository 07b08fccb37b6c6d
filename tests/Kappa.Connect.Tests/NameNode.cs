using System.Collections.Concurrent;
using Microsoft.AspNetCore.Http;

namespace Kappa.Connect.Tests;

/// <summary>
/// The part of the WebHDFS REST API an archive uses, as its page documents it: a name node that redirects, and a data
/// node, both here. It is no HDFS.
/// </summary>
internal sealed class NameNode
{
    public ConcurrentDictionary<string, byte[]> Files { get; } = new(StringComparer.Ordinal);

    /// <summary>Asked before each operation with its name and path: a status to answer with, or 0.</summary>
    public Func<string, string, int> Fault { get; set; } = (_, _) => 0;

    public List<string> Seen { get; } = [];

    public async Task ServeAsync(HttpContext context)
    {
        var request = context.Request;
        var isData = request.Path.StartsWithSegments("/data", out var rest);
        if (!isData && !request.Path.StartsWithSegments("/webhdfs/v1", out rest))
        {
            context.Response.StatusCode = 404;
            return;
        }

        var path = rest.Value!.TrimEnd('/');
        var op = request.Query["op"].ToString();
        lock (Seen)
        {
            Seen.Add($"{request.Method} {(isData ? "data " : "")}{op}");
        }

        if (request.Query["user.name"] != "kappa")
        {
            await RemoteAsync(context, 401, "SecurityException");
        }
        else if (Fault(op, path) is var fault and > 0)
        {
            await RemoteAsync(context, fault, fault == 403 ? "StandbyException" : "IOException");
        }
        else if (isData)
        {
            await DataAsync(context, path);
        }
        else
        {
            await NamesAsync(context, op, path);
        }
    }

    private async Task DataAsync(HttpContext context, string path)
    {
        if (context.Request.Method == "PUT")
        {
            var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body);
            Files[path] = body.ToArray();
            context.Response.StatusCode = 201;
            return;
        }

        await context.Response.Body.WriteAsync(Files[path]);
    }

    private async Task NamesAsync(HttpContext context, string op, string path)
    {
        var request = context.Request;
        switch (request.Method, op)
        {
            case ("PUT", "CREATE") when request.ContentLength is > 0:
                await RemoteAsync(context, 400, "IllegalArgumentException: bytes in the first step");
                break;
            case ("PUT", "CREATE"):
            case ("GET", "OPEN") when Files.ContainsKey(path):
                context.Response.StatusCode = 307;
                context.Response.Headers.Location =
                    $"http://{request.Host}/data{string.Join('/', path.Split('/').Select(Uri.EscapeDataString))}"
                    + request.QueryString;
                break;
            case ("PUT", "RENAME"):
                var to = request.Query["destination"].ToString();
                byte[]? moved = null;
                var can = to.StartsWith('/') && !Files.ContainsKey(to) && Files.TryRemove(path, out moved);
                if (can)
                {
                    Files[to] = moved!;
                }

                await context.Response.WriteAsJsonAsync(new { boolean = can });
                break;
            case ("DELETE", "DELETE"):
                await context.Response.WriteAsJsonAsync(new { boolean = Files.TryRemove(path, out _) });
                break;
            case ("GET", "GETFILESTATUS") when Files.ContainsKey(path):
                await context.Response.WriteAsJsonAsync(new { FileStatus = new { type = "FILE" } });
                break;
            case ("GET", "LISTSTATUS") when Under(path).Any():
                await context.Response.WriteAsync(System.Text.Json.JsonSerializer.Serialize(new
                {
                    FileStatuses = new { FileStatus = Under(path).Select(name => new { pathSuffix = name }) },
                }));
                break;
            default:
                await RemoteAsync(context, 404, "FileNotFoundException");
                break;
        }
    }

    private IEnumerable<string> Under(string path) => Files.Keys
        .Where(name => name.StartsWith(path + "/", StringComparison.Ordinal))
        .Select(name => name[(path.Length + 1)..].Split('/')[0]).Distinct();

    private static Task RemoteAsync(HttpContext context, int status, string exception)
    {
        context.Response.StatusCode = status;
        return context.Response.WriteAsync(System.Text.Json.JsonSerializer.Serialize(
            new { RemoteException = new { exception, message = "said by the test" } }));
    }
}
