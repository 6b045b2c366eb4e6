using System.CommandLine;
using MasterController.Cli.Commands.External;
using MasterController.Contracts;

namespace MasterController.Cli.Commands.Forwards;

/// <summary><c>mctl forward add</c>.</summary>
internal static class ForwardAddCommand
{
    public static CliCommand Create()
    {
        var ends = new Argument<string[]>("ENDS")
        {
            Description =
                "[HOST-ADDRESS:]PORTS of the host (a free one when left out), then VM:PORTS; a range leads port by port",
            Arity = new ArgumentArity(1, 2),
        };
        var protocol = CommonOptions.Choice("--proto", "The protocol [tcp]", null, "tcp", "udp");
        var from = ExternalCommands.From("Only from this IPv4 network; repeat for several [everybody]");
        var plan = ExternalCommands.Plan();
        return new CliCommand(
            "add",
            "Lead ports of this host to a VM; at once, from outside, from the host and from other VMs",
            "mctl forward add 8080 web-1:80",
            "mctl forward add web-1:80               # on a free port of external.forward_ports",
            "mctl forward add 203.0.113.7:8443 web-1:443 --from 198.51.100.0/24",
            "mctl forward add 27000-27010 game:27000-27010 --proto udp",
            "mctl forward add 8080 web-1:80 --plan   # as nft commands"
        )
        {
            Run = async session =>
            {
                var given = session.Get(ends);
                var (vm, guestPorts) = ForwardPlaces.Guest(given[^1]);
                var (address, hostPorts) =
                    given.Length == 1 ? (null, null) : ((string?, string?))ForwardPlaces.Host(given[0]);
                var request = new AddForwardRequest(
                    vm,
                    guestPorts,
                    hostPorts,
                    address,
                    session.Get(protocol),
                    ExternalCommands.FromOf(session, from),
                    session.Get(plan)
                );
                ExternalChangeView.Print(session, await session.Api.AddForwardAsync(request, default), plan);
                return ExitCode.Ok;
            },
        }.With(ends, protocol, from, plan);
    }
}
