using System.Net;
using System.Net.Sockets;
using System.Text.Encodings.Web;
using Kappa.Log;
using Kappa.Server.Http;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Kappa.Server;

/// <summary>A platform with its HTTP API, running until disposed. Every address needs a key but the health check.</summary>
public sealed class KappaServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private KappaServer(WebApplication app, Platform platform)
    {
        _app = app;
        Platform = platform;
        Address = new Uri(app.Services.GetRequiredService<IServer>().Features
            .GetRequiredFeature<IServerAddressesFeature>().Addresses.First());
    }

    /// <summary>The platform it serves.</summary>
    public Platform Platform { get; }

    /// <summary>Where it listens.</summary>
    public Uri Address { get; }

    /// <summary>Its endpoints, for tests that walk over all of them.</summary>
    internal IReadOnlyList<Endpoint> Endpoints => _app.Services.GetRequiredService<EndpointDataSource>().Endpoints;

    /// <summary>Opens the platform and starts to listen; returns when requests are taken.</summary>
    /// <exception cref="KappaException">The data folder cannot be opened, or the port is taken.</exception>
    public static async Task<KappaServer> StartAsync(ServerOptions options, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.Port is < 0 or > ushort.MaxValue)
        {
            throw new KappaException(
                ErrorKind.Invalid, $"The port is {options.Port}; allowed are 0 to {ushort.MaxValue}.", "Leave it out for 4747.");
        }

        var platform = await Platform.OpenAsync(options.Platform, cancel);
        try
        {
            var app = Build(platform, options.Port);
            await ListenAsync(app, options.Port, cancel);
            var server = new KappaServer(app, platform);
            platform.Folder.Announce(server.Address);
            return server;
        }
        catch
        {
            await platform.DisposeAsync();
            throw;
        }
    }

    /// <summary>Waits until the process is told to stop.</summary>
    public Task WaitForShutdownAsync(CancellationToken cancel) => Microsoft.Extensions.Hosting
        .HostingAbstractionsHostExtensions.WaitForShutdownAsync(_app, cancel);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Platform.Folder.Retract();
        await _app.StopAsync();
        await _app.DisposeAsync();
        await Platform.DisposeAsync();
    }

    private static WebApplication Build(Platform platform, int port)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { Args = [] });

        // Settings lying about in the folder it was started in must not open another port.
        builder.Configuration.Sources.Clear();
        builder.Logging.ClearProviders();
        builder.Logging.AddSimpleConsole(console => console.SingleLine = true);
        builder.Logging.Services.Configure<Microsoft.Extensions.Logging.Console.ConsoleLoggerOptions>(
            console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = AppendResource.BytesMax;
            kestrel.Limits.MaxRequestHeadersTotalSize = 32 << 10;
            kestrel.Limits.MaxConcurrentConnections = 10_000;
            kestrel.Listen(IPAddress.Loopback, port);
        });
        builder.Services.AddSingleton(platform);

        // The core alone: the whole of authentication would keep keys for cookies in the user's home.
        builder.Services.AddSingleton(UrlEncoder.Default).AddTransient<KeyAuthentication>();
        builder.Services.AddAuthenticationCore(schemes =>
        {
            schemes.DefaultScheme = KeyAuthentication.Name;
            schemes.AddScheme<KeyAuthentication>(KeyAuthentication.Name, null);
        });
        builder.Services.AddAuthorizationBuilder()
            .SetFallbackPolicy(new AuthorizationPolicyBuilder().RequireAuthenticatedUser().Build());
        var app = builder.Build();
        app.UseMiddleware<Problems>();
        app.UseRouting();
        app.UseAuthentication();
        app.UseAuthorization();
        Routes.Map(app, platform);
        return app;
    }

    private static async Task ListenAsync(WebApplication app, int port, CancellationToken cancel)
    {
        try
        {
            await app.StartAsync(cancel);
        }
        catch (IOException taken) when (taken.InnerException is AddressInUseException or SocketException)
        {
            await app.DisposeAsync();
            throw new KappaException(
                ErrorKind.Conflict, $"Port {port} is taken by another program.",
                "Stop it, or choose another port with --port (0: any free one).", taken);
        }
    }
}
