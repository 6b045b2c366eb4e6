using System.CommandLine;
using System.Net;

namespace MasterController.Dashboard.Hosting;

/// <summary><c>master-controller-dashboard</c>: serves the dashboard in the foreground.</summary>
internal static class DashboardCommand
{
    private const int Failed = 1;

    public static RootCommand Create()
    {
        var socket = Text("--socket", "The controller's Unix socket", "path", DashboardOptions.DefaultSocket);
        var listen = Text(
            "--listen",
            "Where the dashboard is served; beyond loopback only with a certificate",
            "address:port",
            DashboardOptions.DefaultListen
        );
        var certificate = Text("--certificate", "TLS certificate with its chain, PEM", "file", otherwise: null);
        var key = Text("--key", "Its private key, PEM", "file", otherwise: null);
        var root = new RootCommand(
            """
            Serves the dashboard of a Master Controller on this machine.

            It needs no rights but to connect to the controller's socket. Whoever logs in does so with an API key
            (mctl key create NAME --role viewer), and sees and does what that key may.

            Examples:
              master-controller-dashboard
              master-controller-dashboard --listen 0.0.0.0:8443 --certificate fullchain.pem --key privkey.pem
            """
        )
        {
            socket,
            listen,
            certificate,
            key,
        };
        root.SetAction(
            (parsed, cancellationToken) =>
            {
                var error = parsed.InvocationConfiguration.Error;
                var where = parsed.GetValue(listen)!;
                if (!IPEndPoint.TryParse(where, out var endPoint) || endPoint.Port == 0)
                {
                    error.WriteLine(
                        $"error: --listen: \"{where}\" is not an address with a port, such as 127.0.0.1:8480"
                    );
                    return Task.FromResult(Failed);
                }
                var options = new DashboardOptions(
                    parsed.GetValue(socket)!,
                    endPoint,
                    parsed.GetValue(certificate),
                    parsed.GetValue(key)
                );
                return ServeAsync(options, error, cancellationToken);
            }
        );
        return root;
    }

    private static async Task<int> ServeAsync(
        DashboardOptions options,
        TextWriter error,
        CancellationToken cancellationToken
    )
    {
        if (options.Wrong() is { } wrong)
        {
            error.WriteLine($"error: {wrong}");
            return Failed;
        }
        try
        {
            await using var app = DashboardHost.Build(options);
            await app.RunAsync(cancellationToken);
            return 0;
        }
        catch (IOException refused)
        {
            error.WriteLine($"error: {refused.Message}");
            return Failed;
        }
    }

    private static Option<string?> Text(string name, string description, string helpName, string? otherwise) =>
        new(name)
        {
            Description = description,
            HelpName = helpName,
            DefaultValueFactory = _ => otherwise,
        };
}
