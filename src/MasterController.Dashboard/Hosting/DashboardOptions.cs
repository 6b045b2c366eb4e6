using System.Net;

namespace MasterController.Dashboard.Hosting;

/// <summary>What the command line said.</summary>
/// <param name="Socket">The controller's Unix socket.</param>
/// <param name="Certificate">PEM; null where the dashboard is served without TLS, on loopback alone.</param>
public sealed record DashboardOptions(string Socket, IPEndPoint Listen, string? Certificate, string? Key)
{
    public const string DefaultSocket = "/run/master-controller/master-controller.sock";
    public const string DefaultListen = "127.0.0.1:8480";

    /// <summary>Why these cannot be used, naming the flag and its value; null where they can.</summary>
    public string? Wrong()
    {
        if ((Certificate is null) != (Key is null))
            return Certificate is null
                ? $"--key: \"{Key}\" needs --certificate as well"
                : $"--certificate: \"{Certificate}\" needs --key as well";
        if (!IPAddress.IsLoopback(Listen.Address) && Certificate is null)
            return $"--listen: {Listen} is not a loopback address, and others can only be served with --certificate and --key";
        if (Certificate is not null && !File.Exists(Certificate))
            return $"--certificate: there is no file \"{Certificate}\"";
        if (Key is not null && !File.Exists(Key))
            return $"--key: there is no file \"{Key}\"";
        return Path.IsPathRooted(Socket) ? null : $"--socket: \"{Socket}\" is not an absolute path";
    }
}
