using System.Diagnostics;
using System.Text.Json;
using Kappa.Client;
using Kappa.Log;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Kappa.Server.Http;

/// <summary>
/// Makes a problem document of every error: status, what is wrong, what to do next. It names no path of the machine and
/// shows no stack (S27); what was not foreseen gets an id under which the server's own output has the rest.
/// </summary>
internal sealed partial class Problems(RequestDelegate next, Platform platform, ILogger<Problems> log)
{
    /// <summary>Runs the request and answers its errors.</summary>
    public async Task InvokeAsync(HttpContext context)
    {
        try
        {
            await next(context);
            if (context.Response is { HasStarted: false, ContentLength: null, ContentType: null }
                && context.Response.StatusCode is 404 or 405 or 415)
            {
                await WriteAsync(context, context.Response.StatusCode, Plain(context), NoRoute);
            }
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The caller has gone: nobody reads an answer.
            context.Response.StatusCode = StatusCodes.Status499ClientClosedRequest;
        }
        catch (KappaException known)
        {
            await AnswerAsync(context, StatusOf(known.Kind), known.Message, known.Next, known);
        }
        catch (BadHttpRequestException bad)
        {
            await AnswerAsync(context, bad.StatusCode, bad.Message, bad.StatusCode == 413
                ? "Send it in smaller parts." : "Correct the request.", bad);
        }
        catch (Exception unforeseen)
        {
            var id = Activity.Current?.Id ?? context.TraceIdentifier;
            Unforeseen(log, id, unforeseen);
            await AnswerAsync(
                context, 500, $"The server failed at this request ({id}).",
                "Look for this id in the server's output, and report it.", unforeseen);
        }
    }

    /// <summary>Writes a problem document.</summary>
    public static async Task WriteAsync(HttpContext context, int status, string detail, string next)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/problem+json";
        var body = JsonSerializer.SerializeToUtf8Bytes(
            new { title = Title(status), status, detail, next }, Wire.Json);
        await context.Response.Body.WriteAsync(body, context.RequestAborted);
    }

    private const string NoRoute = "See docs/reference/http.md for the routes.";

    private async Task AnswerAsync(HttpContext context, int status, string detail, string next, Exception cause)
    {
        if (context.Response.HasStarted)
        {
            // The status is out already; a broken connection is the only way left to say that the answer is not whole.
            Broken(log, context.Request.Path, cause);
            context.Abort();
            return;
        }

        context.Response.Clear();
        await WriteAsync(context, status, platform.WithoutPaths(detail), platform.WithoutPaths(next));
    }

    private static string Plain(HttpContext context) => context.Response.StatusCode switch
    {
        405 => $"{context.Request.Method} is not allowed here.",
        415 => "The content type of the body is not taken here.",
        _ => "There is nothing at this address.",
    };

    private static int StatusOf(ErrorKind kind) => kind switch
    {
        ErrorKind.Invalid => 400,
        ErrorKind.Forbidden => 403,
        ErrorKind.NotFound => 404,
        ErrorKind.Conflict => 409,
        ErrorKind.Unavailable => 503,
        _ => 500,
    };

    private static string Title(int status) => status switch
    {
        400 => "Invalid",
        401 => "No valid key",
        403 => "Forbidden",
        404 => "Not found",
        405 => "Method not allowed",
        409 => "Conflict",
        413 => "Too large",
        415 => "Unsupported content type",
        503 => "Unavailable",
        _ => "Error",
    };

    [LoggerMessage(LogLevel.Error, "Request {Id} failed.")]
    private static partial void Unforeseen(ILogger log, string id, Exception error);

    [LoggerMessage(LogLevel.Error, "The answer to {Path} was broken off.")]
    private static partial void Broken(ILogger log, string path, Exception error);
}
