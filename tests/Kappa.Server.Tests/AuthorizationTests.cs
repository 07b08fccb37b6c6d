using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Routing;
using Xunit;

namespace Kappa.Server.Tests;

/// <summary>Deny by default (S1), path variants (S2), keys (S5).</summary>
public sealed class AuthorizationTests
{
    private static readonly string[] Anonymous = ["/health"];

    [Fact]
    public async Task Every_endpoint_but_the_health_check_refuses_who_has_no_valid_key()
    {
        await using var running = await RunningServer.StartAsync();
        using var http = new HttpClient { BaseAddress = running.Server.Address };
        var walked = 0;
        foreach (var endpoint in running.Server.Endpoints.OfType<RouteEndpoint>())
        {
            var pattern = endpoint.RoutePattern.RawText!;
            var path = System.Text.RegularExpressions.Regex.Replace(pattern, "{[a-z]+}", "orders");
            foreach (var method in endpoint.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods)
            {
                foreach (var key in new[] { null, "wrong", running.Key + "0", running.Key[..^1], "" })
                {
                    using var request = new HttpRequestMessage(new HttpMethod(method), path);
                    if (key is not null)
                    {
                        request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + key);
                    }

                    using var response = await http.SendAsync(request);
                    var expected = Anonymous.Contains(pattern) ? HttpStatusCode.OK : HttpStatusCode.Unauthorized;
                    Assert.True(expected == response.StatusCode, $"{method} {pattern} with key '{key}': {response.StatusCode}");
                    walked++;
                }
            }
        }

        Assert.True(walked >= 5 * 18, $"Only {walked} requests were made.");
    }

    [Theory]
    [InlineData("/v1/topics/")]
    [InlineData("//v1/topics")]
    [InlineData("/V1/TOPICS")]
    [InlineData("/v1/topics/extra/segment/more")]
    [InlineData("/v1/%74opics")]
    [InlineData("/v1/topics%2f")]
    [InlineData("/v1/topics;x=1")]
    [InlineData("/v1/./topics")]
    [InlineData("/health/../v1/topics")]
    [InlineData("/health%2f..%2fv1/topics")]
    [InlineData("/nothing")]
    public async Task Variants_of_a_path_are_refused_without_a_key(string path)
    {
        await using var running = await RunningServer.StartAsync();
        foreach (var method in new[] { "GET", "HEAD", "POST", "PUT", "OPTIONS", "TRACE", "DELETE" })
        {
            var status = await RawStatusAsync(running.Server.Address, method, path);
            Assert.True(status is 401 or 400 or 405, $"{method} {path}: {status}");
        }
    }

    [Fact]
    public async Task Two_authorization_headers_are_refused()
    {
        await using var running = await RunningServer.StartAsync();
        var status = await RawStatusAsync(
            running.Server.Address, "GET", "/v1/topics", $"Authorization: Bearer {running.Key}\r\nAuthorization: Bearer x\r\n");
        Assert.True(status is 400 or 401, $"{status}");
    }

    [Fact]
    public async Task The_plain_key_is_stored_in_its_own_file_alone_and_only_its_owner_reads_it()
    {
        await using var running = await RunningServer.StartAsync();
        await running.Client.TopicsAsync();

        foreach (var file in Directory.EnumerateFiles(running.Folder, "*", SearchOption.AllDirectories)
            .Where(file => Path.GetFileName(file) is not ("admin.key" or "lock")))
        {
            var bytes = await ReadSharedAsync(file);
            Assert.True(bytes.AsSpan().IndexOf(Encoding.UTF8.GetBytes(running.Key)) < 0, file);
        }

        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(
                UnixFileMode.UserRead | UnixFileMode.UserWrite,
                File.GetUnixFileMode(Path.Combine(running.Folder, "admin.key")));
        }

        Assert.Equal(64 + "kappa_".Length, running.Key.Length);
    }

    [Fact]
    public async Task A_valid_key_is_let_in_also_after_a_restart()
    {
        var folder = RunningServer.TempFolder();
        try
        {
            string key;
            await using (var first = await RunningServer.StartAsync(folder))
            {
                key = first.Key;
            }

            await using var second = await RunningServer.StartAsync(folder);
            Assert.Equal(key, second.Key);
            Assert.NotNull(await second.Client.TopicsAsync());
        }
        finally
        {
            RunningServer.Delete(folder);
        }
    }

    private static async Task<byte[]> ReadSharedAsync(string file)
    {
        await using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var copy = new MemoryStream();
        await stream.CopyToAsync(copy);
        return copy.ToArray();
    }

    /// <summary>HttpClient would tidy the path up before sending it.</summary>
    private static async Task<int> RawStatusAsync(Uri address, string method, string path, string headers = "")
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(address.Host, address.Port);
        await using var stream = socket.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(
            $"{method} {path} HTTP/1.1\r\nHost: {address.Authority}\r\nConnection: close\r\nContent-Length: 0\r\n{headers}\r\n"));
        using var reader = new StreamReader(stream, Encoding.ASCII);
        var line = await reader.ReadLineAsync();
        return int.Parse(line!.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture);
    }
}
