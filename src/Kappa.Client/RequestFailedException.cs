namespace Kappa.Client;

/// <summary>A server refused a request, or could not be reached.</summary>
public sealed class RequestFailedException : Exception
{
    /// <summary>Makes an error.</summary>
    /// <param name="status">The HTTP status; 0 where no answer came.</param>
    /// <param name="message">What is wrong.</param>
    /// <param name="next">What to do next.</param>
    /// <param name="inner">The cause, where there is one.</param>
    public RequestFailedException(int status, string message, string next, Exception? inner = null)
        : base(message, inner)
    {
        Status = status;
        Next = next;
    }

    /// <summary>The HTTP status; 0 where no answer came.</summary>
    public int Status { get; }

    /// <summary>What to do next.</summary>
    public string Next { get; }

    /// <summary>May the same request succeed later?</summary>
    public bool IsPassing => Status is 0 or 429 or 502 or 503 or 504;
}
