using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Kappa.Client;

namespace Kappa.Server.Tests;

/// <summary>
/// A server in this process on a free port, with a data folder of its own that goes when it is disposed.
/// </summary>
internal sealed class RunningServer : IAsyncDisposable
{
    private readonly bool _ownsFolder;

    private RunningServer(KappaServer server, string folder, bool ownsFolder)
    {
        Server = server;
        Folder = folder;
        _ownsFolder = ownsFolder;
        Key = File.ReadAllText(Path.Combine(folder, "admin.key"));
        Client = new KappaClient(server.Address, Key);
        Http = new HttpClient { BaseAddress = server.Address };
        Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Key);
    }

    public KappaServer Server { get; }

    public string Folder { get; }

    public string Key { get; }

    public KappaClient Client { get; }

    /// <summary>Sends the admin key with every request.</summary>
    public HttpClient Http { get; }

    public static async Task<RunningServer> StartAsync(
        string? folder = null, PushOptions? push = null, TimeSpan? projectEvery = null,
        Func<PlatformOptions, PlatformOptions>? change = null)
    {
        var own = folder is null;
        folder ??= TempFolder();
        var options = OptionsOf(folder, push, projectEvery);
        options = new ServerOptions { Platform = change?.Invoke(options.Platform) ?? options.Platform, Port = 0 };
        var server = await KappaServer.StartAsync(options, CancellationToken.None);
        return new RunningServer(server, folder, own);
    }

    public static ServerOptions OptionsOf(
        string folder, PushOptions? push = null, TimeSpan? projectEvery = null) => new()
        {
            Platform = new PlatformOptions
            {
                Folder = folder,
                Workers = 1,
                Push = push ?? new PushOptions(),
                ProjectEvery = projectEvery ?? TimeSpan.FromSeconds(10),
            },
            Port = 0,
        };

    public static string TempFolder() => Path.Combine(Path.GetTempPath(), "kappa-" + Guid.NewGuid().ToString("N"));

    /// <summary>Posts a body and returns the status with the answer as JSON.</summary>
    public async Task<(int Status, JsonElement Answer)> PostAsync(
        string path, string body, string type = "application/json", params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path)
        {
            Content = new StringContent(body, Encoding.UTF8, new MediaTypeHeaderValue(type)),
        };
        foreach (var (name, value) in headers)
        {
            request.Headers.Add(name, value);
        }

        using var response = await Http.SendAsync(request);
        return ((int)response.StatusCode, await ReadAsync(response));
    }

    public async Task<(int Status, JsonElement Answer)> GetAsync(string path)
    {
        using var response = await Http.GetAsync(new Uri(path, UriKind.RelativeOrAbsolute));
        return ((int)response.StatusCode, await ReadAsync(response));
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        Http.Dispose();
        await Server.DisposeAsync();
        if (_ownsFolder)
        {
            Delete(Folder);
        }
    }

    public static void Delete(string folder)
    {
        if (!Directory.Exists(folder))
        {
            return;
        }

        foreach (var file in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
        {
            File.SetAttributes(file, FileAttributes.Normal);
        }

        Directory.Delete(folder, recursive: true);
    }

    private static async Task<JsonElement> ReadAsync(HttpResponseMessage response)
    {
        var text = await response.Content.ReadAsStringAsync();
        if (text.Length == 0)
        {
            return default;
        }

        using var document = JsonDocument.Parse(text);
        return document.RootElement.Clone();
    }
}
