using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Kappa.Connect.Tests;

/// <summary>s3rver as a process of its own, with one bucket.</summary>
internal sealed class S3rver : IDisposable
{
    private readonly Process _process;
    private readonly string _folder = Path.Combine(Path.GetTempPath(), "kappa-s3-" + Guid.NewGuid().ToString("N"));

    public S3rver()
    {
        Directory.CreateDirectory(_folder);
        using (var free = new TcpListener(IPAddress.Loopback, 0))
        {
            free.Start();
            Port = ((IPEndPoint)free.LocalEndpoint).Port;
        }

        _process = Process.Start(new ProcessStartInfo("node")
        {
            ArgumentList =
            {
                S3rverFactAttribute.Program, "-d", _folder, "-a", "127.0.0.1", "-p", $"{Port}", "--configure-bucket",
                "kappa",
            },
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        while (_process.StandardOutput.ReadLine() is { } line && !line.Contains("listening", StringComparison.Ordinal))
        {
            // It says so when it is ready.
        }
    }

    public int Port { get; }

    public void Dispose()
    {
        _process.Kill(entireProcessTree: true);
        _process.WaitForExit();
        _process.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
