namespace Kappa.Server;

/// <summary>How a server runs: a platform and the port it is reached at. It listens on this machine alone.</summary>
public sealed record ServerOptions
{
    /// <summary>The port a server listens on unless told otherwise.</summary>
    public const int DefaultPort = 4747;

    /// <summary>The platform.</summary>
    public required PlatformOptions Platform { get; init; }

    /// <summary>The port on 127.0.0.1; 0: any free one. Default 4747.</summary>
    public int Port { get; init; } = DefaultPort;

    /// <summary>
    /// Of jobs that the program deploys: let the world hear their outputs from the first record on, rather than from
    /// where a version first went live (rule E3); default false. It may stay set at later starts.
    /// </summary>
    public bool PublishHistory { get; init; }
}
