using System.Net;
using System.Text;

namespace Kappa.Server.Tests;

/// <summary>A record as a receiver got it.</summary>
internal sealed record Received(string Path, string Id, string? Key, string Body, int Attempt, string? Secret,
    int Status);

/// <summary>
/// An address on this machine that takes what is posted to it. What it answers is up to the test; it can be closed and
/// opened again on the same port.
/// </summary>
internal sealed class Receiver : IDisposable
{
    private readonly List<Received> _received = [];
    private HttpListener _listener;
    private Task _listening;

    private Receiver(int port, HttpListener listener)
    {
        Port = port;
        _listener = listener;
        _listening = ListenAsync(listener);
    }

    public int Port { get; }

    /// <summary>The status to answer with; 0: no answer before the receiver closes.</summary>
    public Func<Received, int> Answer { get; set; } = _ => 204;

    public string Url => $"http://127.0.0.1:{Port}/hook";

    public IReadOnlyList<Received> All
    {
        get
        {
            lock (_received)
            {
                return [.. _received];
            }
        }
    }

    /// <summary>The ids it took, in order.</summary>
    public IReadOnlyList<string> Taken => [.. All.Where(one => one.Status is >= 200 and < 300).Select(one => one.Id)];

    public static Receiver Open()
    {
        for (var attempt = 0; ; attempt++)
        {
            using var probe = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
            probe.Start();
            var port = ((IPEndPoint)probe.LocalEndpoint).Port;
            probe.Stop();
            try
            {
                return new Receiver(port, Listen(port));
            }
            catch (HttpListenerException) when (attempt < 10)
            {
                // Somebody else took the port in between: another one.
            }
        }
    }

    public void Close()
    {
        _listener.Close();
        _listening.Wait();
    }

    public void Reopen()
    {
        _listener = Listen(Port);
        _listening = ListenAsync(_listener);
    }

    public void Dispose() => Close();

    private static HttpListener Listen(int port)
    {
        var listener = new HttpListener();
        listener.Prefixes.Add($"http://127.0.0.1:{port}/");
        listener.Start();
        return listener;
    }

    private async Task ListenAsync(HttpListener listener)
    {
        var held = new List<HttpListenerContext>();
        while (listener.IsListening)
        {
            HttpListenerContext context;
            try
            {
                context = await listener.GetContextAsync();
            }
            catch (Exception closed) when (closed is HttpListenerException or ObjectDisposedException
                or InvalidOperationException)
            {
                return;
            }

            var request = context.Request;
            using var reader = new StreamReader(request.InputStream, Encoding.UTF8);
            var got = new Received(
                request.Url!.AbsolutePath, request.Headers["Kappa-Id"]!, request.Headers["Kappa-Key"],
                await reader.ReadToEndAsync(), int.Parse(request.Headers["Kappa-Attempt"]!, null),
                request.Headers["Authorization"], 0);
            got = got with { Status = Answer(got) };
            lock (_received)
            {
                _received.Add(got);
            }

            if (got.Status == 0)
            {
                held.Add(context);
                continue;
            }

            context.Response.StatusCode = got.Status;
            context.Response.Close();
        }
    }
}
