using System.Net;
using System.Text.Json;
using Kappa.Log;

namespace Kappa.Connect.WebHdfs;

/// <summary>
/// An archive in HDFS, over the WebHDFS REST API: a file is written in two steps, as the name node says where to; and
/// under another name first, because only a rename is atomic there.
/// </summary>
public sealed class WebHdfsArchive : IArchiveStore
{
    private readonly HttpClient _http;
    private readonly string _root;
    private readonly string _user;

    /// <summary>An archive at an address.</summary>
    /// <param name="address">
    /// <c>webhdfs://host:9870/folder</c>, or <c>swebhdfs</c> for TLS; <c>?user.name=kappa</c> where security is off.
    /// </param>
    /// <param name="handler">Speaks HTTP, with whatever security asks for; null: plain.</param>
    /// <exception cref="KappaException">The address names no host, or an option there is not.</exception>
    public WebHdfsArchive(Uri address, HttpMessageHandler? handler = null)
    {
        ArgumentNullException.ThrowIfNull(address);
        Name = address.ToString();
        var query = address.Query.TrimStart('?');
        if (address.Host.Length == 0 || (query.Length > 0 && !query.StartsWith("user.name=", StringComparison.Ordinal))
            || query.Contains('&', StringComparison.Ordinal))
        {
            throw new KappaException(
                ErrorKind.Invalid, $"'{Name}' is no address of HDFS: it has a host, a folder, and at most user.name.",
                "Write webhdfs://host:9870/folder?user.name=kappa.");
        }

        var scheme = address.Scheme == "swebhdfs" ? "https" : "http";
        var port = address.IsDefaultPort || address.Port < 0 ? (scheme == "https" ? 9871 : 9870) : address.Port;
        _root = $"{scheme}://{address.Host}:{port}/webhdfs/v1{address.AbsolutePath.TrimEnd('/')}";
        _user = query.Length > 0 ? "&" + query : "";

        // Where a redirect leads is looked at here: the first step of a write must not carry the bytes.
        _http = new HttpClient(handler ?? new SocketsHttpHandler { AllowAutoRedirect = false })
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public async ValueTask<Stream?> ReadAsync(string name, CancellationToken cancel)
    {
        // Between the two steps of a replacement only the new name is there; and then the old one again.
        return await OpenAsync(name, cancel) ?? await OpenAsync(name + ".new", cancel)
            ?? await OpenAsync(name, cancel);
    }

    /// <inheritdoc/>
    public async ValueTask WriteAsync(string name, Stream content, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(content);
        var aside = name + ".tmp";
        await UploadAsync(aside, content, cancel);
        if (await RenameAsync(aside, name, cancel))
        {
            return;
        }

        // There is one: at each moment the old file or the whole new one is there.
        var ready = name + ".new";
        if (await IsThereAsync(name, cancel))
        {
            await RemoveAsync(ready, cancel);
        }

        if (!await RenameAsync(aside, ready, cancel))
        {
            await RemoveAsync(ready, cancel);
            await MustAsync(aside, ready, cancel);
        }

        await RemoveAsync(name, cancel);
        await MustAsync(ready, name, cancel);
    }

    /// <inheritdoc/>
    public async ValueTask<bool> CreateAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancel)
    {
        // A name of its own, so that of two at once only one renames its bytes to the name.
        var aside = $"{name}.{Guid.NewGuid():N}.tmp";
        await UploadAsync(aside, new MemoryStream(content.ToArray(), writable: false), cancel);
        if (!await IsThereAsync(name + ".new", cancel) && await RenameAsync(aside, name, cancel))
        {
            return true;
        }

        await RemoveAsync(aside, cancel);
        return false;
    }

    /// <inheritdoc/>
    public async ValueTask DeleteAsync(string name, CancellationToken cancel)
    {
        // What a replacement that was cut left has the same bytes, and is read where the name is gone.
        await RemoveAsync(name + ".tmp", cancel);
        await RemoveAsync(name + ".new", cancel);
        await RemoveAsync(name, cancel);
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<string>> ListAsync(string folder, CancellationToken cancel)
    {
        using var answer = await SendAsync(HttpMethod.Get, folder, "LISTSTATUS", null, cancel);
        if (answer.StatusCode == HttpStatusCode.NotFound)
        {
            return [];
        }

        using var json = await JsonAsync(answer, folder, cancel);
        return [.. json.RootElement.GetProperty("FileStatuses").GetProperty("FileStatus").EnumerateArray()
            .Select(one => one.GetProperty("pathSuffix").GetString()!)];
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _http.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task<Stream?> OpenAsync(string name, CancellationToken cancel)
    {
        var answer = await SendAsync(HttpMethod.Get, name, "OPEN", null, cancel);
        if (IsRedirect(answer))
        {
            var there = Location(answer, name);
            answer.Dispose();
            answer = await SendAsync(HttpMethod.Get, there, null, name, cancel);
        }

        if (answer.StatusCode == HttpStatusCode.NotFound)
        {
            answer.Dispose();
            return null;
        }

        return answer.IsSuccessStatusCode
            ? await answer.Content.ReadAsStreamAsync(cancel)
            : throw await RefusedAsync(answer, name, cancel);
    }

    private async Task UploadAsync(string name, Stream content, CancellationToken cancel)
    {
        Uri there;
        using (var first = await SendAsync(HttpMethod.Put, name, "CREATE&overwrite=true", null, cancel))
        {
            there = IsRedirect(first) ? Location(first, name) : throw await RefusedAsync(first, name, cancel);
        }

        // The caller's stream stays open: it may be written again.
        using var body = new StreamContent(new Borrowed(content));
        using var second = await SendAsync(HttpMethod.Put, there, body, name, cancel);
        if (second.StatusCode != HttpStatusCode.Created)
        {
            throw await RefusedAsync(second, name, cancel);
        }
    }

    private async Task<bool> RenameAsync(string from, string to, CancellationToken cancel)
    {
        var path = new Uri(_root).AbsolutePath["/webhdfs/v1".Length..] + "/" + to;
        using var answer = await SendAsync(
            HttpMethod.Put, from, "RENAME&destination=" + Uri.EscapeDataString(path), null, cancel);
        using var json = await JsonAsync(answer, from, cancel);
        return json.RootElement.GetProperty("boolean").GetBoolean();
    }

    private async Task MustAsync(string from, string to, CancellationToken cancel)
    {
        if (!await RenameAsync(from, to, cancel))
        {
            throw new KappaException(
                ErrorKind.Unavailable, $"'{from}' of the archive '{Name}' could not be renamed to '{to}'.",
                "Look after the rights in that folder.");
        }
    }

    private async Task RemoveAsync(string name, CancellationToken cancel)
    {
        using var answer = await SendAsync(HttpMethod.Delete, name, "DELETE", null, cancel);
        using var json = await JsonAsync(answer, name, cancel);
    }

    private async Task<bool> IsThereAsync(string name, CancellationToken cancel)
    {
        using var answer = await SendAsync(HttpMethod.Get, name, "GETFILESTATUS", null, cancel);
        return answer.StatusCode != HttpStatusCode.NotFound
            && (answer.IsSuccessStatusCode ? true : throw await RefusedAsync(answer, name, cancel));
    }

    private Task<HttpResponseMessage> SendAsync(
        HttpMethod method, string name, string op, HttpContent? body, CancellationToken cancel)
    {
        var path = string.Concat(name.Split('/', StringSplitOptions.RemoveEmptyEntries)
            .Select(part => "/" + Uri.EscapeDataString(part)));
        return SendAsync(method, new Uri($"{_root}{path}?op={op}{_user}"), body, name, cancel);
    }

    private async Task<HttpResponseMessage> SendAsync(
        HttpMethod method, Uri address, HttpContent? body, string name, CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(method, address) { Content = body };
        try
        {
            return await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancel);
        }
        catch (HttpRequestException trouble)
        {
            throw new KappaException(
                ErrorKind.Unavailable, $"The archive '{Name}' did not serve '{name}': {trouble.Message}",
                "Look after the store.", trouble);
        }
    }

    private static bool IsRedirect(HttpResponseMessage answer) =>
        answer.StatusCode is HttpStatusCode.TemporaryRedirect or HttpStatusCode.Redirect;

    private Uri Location(HttpResponseMessage answer, string name) =>
        answer.Headers.Location is { IsAbsoluteUri: true, Scheme: "http" or "https" } there
            ? there
            : throw new KappaException(
                ErrorKind.Unavailable, $"The archive '{Name}' does not say where '{name}' is.",
                "Check that the address is a name node's.");

    private async Task<JsonDocument> JsonAsync(HttpResponseMessage answer, string name, CancellationToken cancel)
    {
        if (!answer.IsSuccessStatusCode)
        {
            throw await RefusedAsync(answer, name, cancel);
        }

        try
        {
            return await JsonDocument.ParseAsync(await answer.Content.ReadAsStreamAsync(cancel), default, cancel);
        }
        catch (JsonException broken)
        {
            throw new KappaException(
                ErrorKind.Unavailable, $"The archive '{Name}' answers for '{name}' with something else than JSON.",
                "Check that the address is a name node's.", broken);
        }
    }

    private async Task<KappaException> RefusedAsync(HttpResponseMessage answer, string name, CancellationToken cancel)
    {
        var text = await answer.Content.ReadAsStringAsync(cancel);
        var isForbidden = answer.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden
            && !text.Contains("StandbyException", StringComparison.Ordinal)
            && !text.Contains("SafeModeException", StringComparison.Ordinal);
        return new KappaException(
            isForbidden ? ErrorKind.Forbidden : ErrorKind.Unavailable,
            $"The archive '{Name}' answered {(int)answer.StatusCode} for '{name}': "
                + text[..Math.Min(300, text.Length)],
            isForbidden ? "Give user.name or security the right to that folder." : "Look after the store.");
    }

    private sealed class Borrowed(Stream content) : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => true;

        public override bool CanWrite => false;

        public override long Length => content.Length;

        public override long Position
        {
            get => content.Position;
            set => content.Position = value;
        }

        public override int Read(byte[] buffer, int offset, int count) => content.Read(buffer, offset, count);

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            content.ReadAsync(buffer, cancellationToken);

        public override long Seek(long offset, SeekOrigin origin) => content.Seek(offset, origin);

        public override void Flush()
        {
        }

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
