using Kappa.Server;
using Kappa.Streams;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Kappa;

/// <summary>Adds the platform to a program that has a host already.</summary>
public static class KappaRegistration
{
    /// <summary>Starts a server with the program's jobs when its host starts, and stops it with the host.</summary>
    /// <param name="services">The host's parts.</param>
    /// <param name="options">Data folder and port.</param>
    /// <param name="jobs">Jobs to deploy; each is a public static field or property of the program.</param>
    public static IServiceCollection AddKappa(
        this IServiceCollection services, ServerOptions options, params Job[] jobs) =>
        services.AddSingleton<IHostedService>(_ => new Hosted(options, jobs));

    private sealed class Hosted(ServerOptions options, Job[] jobs) : IHostedService
    {
        private KappaServer? _server;

        public async Task StartAsync(CancellationToken cancellationToken) =>
            _server = await KappaHost.StartAsync(options, cancellationToken, jobs);

        public async Task StopAsync(CancellationToken cancellationToken)
        {
            if (_server is not null)
            {
                await _server.DisposeAsync();
            }
        }
    }
}
