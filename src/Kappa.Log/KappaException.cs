namespace Kappa.Log;

/// <summary>
/// What kind of mistake or trouble an error is; the HTTP API and the CLI map it to a status and an exit code.
/// </summary>
public enum ErrorKind
{
    /// <summary>The request is wrong in itself: a bad name, a bad value, a bad line.</summary>
    Invalid,

    /// <summary>The thing named does not exist.</summary>
    NotFound,

    /// <summary>The request contradicts the present state.</summary>
    Conflict,

    /// <summary>It cannot be done now; the same request may succeed later.</summary>
    Unavailable,

    /// <summary>Stored bytes are not what was written.</summary>
    Corrupt,

    /// <summary>The caller lacks the right.</summary>
    Forbidden,
}

/// <summary>An error a user can act on: what is wrong, and what to do next.</summary>
public class KappaException : Exception
{
    /// <summary>Makes an error.</summary>
    /// <param name="kind">What kind of trouble it is.</param>
    /// <param name="message">What is wrong: the thing, the value, the allowed range.</param>
    /// <param name="next">What to do next.</param>
    /// <param name="inner">The cause, where there is one.</param>
    public KappaException(ErrorKind kind, string message, string next, Exception? inner = null)
        : base(message, inner)
    {
        Kind = kind;
        Next = next;
    }

    /// <summary>What kind of trouble it is.</summary>
    public ErrorKind Kind { get; }

    /// <summary>What to do next, as one sentence.</summary>
    public string Next { get; }
}
