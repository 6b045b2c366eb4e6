namespace MasterController.Cli.Api;

internal enum UnreachableReason
{
    NoSocket,
    PermissionDenied,
    Refused,
    NoAnswer,
    Other,
}

/// <summary>Nothing was sent (or, with <see cref="UnreachableReason.NoAnswer"/>, nothing came back in time).</summary>
internal sealed class DaemonUnreachableException(string socketPath, UnreachableReason reason, string explanation)
    : IOException($"cannot reach the daemon at {socketPath}: {explanation}")
{
    public string SocketPath => socketPath;

    public UnreachableReason Reason => reason;
}
