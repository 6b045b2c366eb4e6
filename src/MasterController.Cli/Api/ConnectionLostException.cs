namespace MasterController.Cli.Api;

/// <summary>
/// The daemon went away in the middle of an exchange. Whether it took the request is unknown, so only what is
/// idempotent may be sent again.
/// </summary>
internal sealed class ConnectionLostException() : IOException("the connection to the daemon was lost");
