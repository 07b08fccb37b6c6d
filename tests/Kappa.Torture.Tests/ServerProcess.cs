using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json;
using Kappa.Client;

namespace Kappa.Torture;

/// <summary>One life of the server: a process, from its start to the kill.</summary>
internal sealed class ServerProcess : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);
    private const int Terminate = 15;
    private readonly Process _process;
    private readonly CancellationTokenSource _dead = new();
    private readonly Findings _findings;
    private readonly DateTime _startedAt;
    private volatile bool _isDoomed;

    private ServerProcess(Process process, DateTime startedAt, Findings findings)
    {
        _startedAt = startedAt;
        _process = process;
        _findings = findings;
    }

    /// <summary>Speaks to this life alone.</summary>
    public KappaClient Client { get; private set; } = null!;

    /// <summary>Has the kill been decided? From then on broken answers are no faults.</summary>
    public bool IsDoomed => _isDoomed;

    /// <summary>Cancelled when the process is gone.</summary>
    public CancellationToken Dead => _dead.Token;

    /// <summary>Starts the real server on a folder; it does not listen yet.</summary>
    public static ServerProcess Start(string folder, int? workers, ConcurrentQueue<string> output, Findings findings)
    {
        var start = new ProcessStartInfo("dotnet")
        {
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "kappa.dll"));
        foreach (var argument in new[] { "serve", "--data", folder, "--port", "0" })
        {
            start.ArgumentList.Add(argument);
        }

        if (workers is { } count)
        {
            start.ArgumentList.Add("--workers");
            start.ArgumentList.Add(FormattableString.Invariant($"{count}"));
        }

        start.Environment["DOTNET_TieredPGO"] = "0";
        var startedAt = DateTime.UtcNow;
        var process = Process.Start(start)!;
        process.StandardInput.Close();
        process.ErrorDataReceived += (_, line) =>
        {
            if (line.Data is { Length: > 0 } text)
            {
                output.Enqueue(text);
            }
        };
        process.BeginErrorReadLine();
        return new ServerProcess(process, startedAt, findings);
    }

    /// <summary>Waits until it takes requests.</summary>
    public async Task ListeningAsync(string folder)
    {
        var watch = Stopwatch.StartNew();
        while (true)
        {
            if (_process.HasExited)
            {
                throw new TortureException($"The server ended by itself with exit code {_process.ExitCode}.");
            }

            if (Address(folder) is { } address)
            {
                var key = (await File.ReadAllTextAsync(Path.Combine(folder, "admin.key"))).Trim();
                Client = new KappaClient(address, key, new Witness(this, _findings));
                return;
            }

            if (watch.Elapsed > Patience)
            {
                throw new TortureException($"The server does not listen after {Patience}.");
            }

            await Task.Delay(10);
        }
    }

    /// <summary>Has it announced that it takes requests?</summary>
    public bool IsAnnounced(string folder) => Address(folder) is not null;

    /// <summary>SIGKILL; returns when the process is gone.</summary>
    public async Task KillAsync()
    {
        _isDoomed = true;
        _process.Kill();
        await _process.WaitForExitAsync();
        await _dead.CancelAsync();
    }

    /// <summary>SIGTERM, as an operator stops it; SIGKILL when it has not ended by itself after a while.</summary>
    /// <returns>Did it end by itself?</returns>
    public async Task<bool> StopAsync(Task patience)
    {
        _isDoomed = true;
        _ = Signal(_process.Id, Terminate);
        var ended = _process.WaitForExitAsync();
        var byItself = await Task.WhenAny(ended, patience) == ended;
        if (!byItself)
        {
            _process.Kill();
        }

        await ended;
        await _dead.CancelAsync();
        return byItself;
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        // The client stays open: readers may still hold it, and the process of the test ends soon.
        _process.Dispose();
    }

    [DllImport("libc", EntryPoint = "kill")]
    private static extern int Signal(int process, int signal);

    /// <summary>The address this life announced; what the life before left in the file does not count.</summary>
    private Uri? Address(string folder)
    {
        var path = Path.Combine(folder, "server.json");
        try
        {
            if (File.GetLastWriteTimeUtc(path) < _startedAt)
            {
                return null;
            }

            using var json = JsonDocument.Parse(File.ReadAllBytes(path));
            return new Uri(json.RootElement.GetProperty("address").GetString()!);
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <summary>Sees every answer: none may say that the server failed.</summary>
    private sealed class Witness(ServerProcess server, Findings findings)
        : DelegatingHandler(new SocketsHttpHandler { AllowAutoRedirect = false })
    {
        protected override async Task<HttpResponseMessage> SendAsync(
            HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var response = await base.SendAsync(request, cancellationToken);
            if ((int)response.StatusCode >= 500)
            {
                await response.Content.LoadIntoBufferAsync(cancellationToken);
                findings.Add(
                    Fault.Mixed,
                    $"{request.Method} {request.RequestUri?.PathAndQuery} was answered {(int)response.StatusCode} "
                    + $"({(server.IsDoomed ? "being killed" : "alive")}): "
                    + await response.Content.ReadAsStringAsync(cancellationToken));
            }

            return response;
        }
    }
}

/// <summary>The torture cannot go on.</summary>
internal sealed class TortureException(string message) : Exception(message);
