using System.CommandLine;
using MasterController.Cli.Commands.External;
using MasterController.Cli.Errors;
using MasterController.Contracts;

namespace MasterController.Cli.Commands.Vms;

/// <summary><c>mctl vm open</c> and <c>mctl vm close</c>.</summary>
internal static class VmOpenCommand
{
    public static CliCommand Open()
    {
        var name = new NameArgument("VM", NameSource.Vms) { Description = "Name or id" };
        var services = Services(ArgumentArity.ZeroOrMore);
        var from = ExternalCommands.From("Only from this IPv4 or IPv6 network; repeat for several [everybody]");
        var plan = ExternalCommands.Plan();
        return new CliCommand(
            "open",
            "Let something in by a VM's dedicated addresses; without a service, list what is open",
            "mctl vm open web-1 tcp/80 tcp/443",
            "mctl vm open web-1 tcp/22 --from 198.51.100.0/24 --from 2001:db8:77::/48",
            "mctl vm open web-1 icmp                 # answers to ping",
            "mctl vm open web-1 all                  # the guest has a firewall of its own",
            "mctl vm open web-1"
        )
        {
            Run = async session =>
            {
                var (given, networks) = (session.Get(services), ExternalCommands.FromOf(session, from));
                if (given.Length == 0)
                {
                    if (networks is not null || session.Get(plan))
                    {
                        throw CliException.Usage("say what to open: tcp/22, udp/8000-8100, icmp or all");
                    }

                    VmExternalView.Print(session, await session.Api.GetVmAsync(session.Get(name), default));
                    return ExitCode.Ok;
                }

                var request = new OpenRequest(given, networks, session.Get(plan));
                ExternalChangeView.Print(
                    session,
                    await session.Api.OpenAsync(session.Get(name), request, default),
                    plan
                );
                return ExitCode.Ok;
            },
        }.With(name, services, from, plan);
    }

    public static CliCommand Close()
    {
        var name = new NameArgument("VM", NameSource.Vms) { Description = "Name or id" };
        var services = Services(ArgumentArity.OneOrMore);
        var plan = ExternalCommands.Plan();
        return new CliCommand(
            "close",
            "Close what was opened on a VM's dedicated addresses; connections that came in by it end",
            "mctl vm close web-1 tcp/22",
            "mctl vm close web-1 tcp/80-90 icmp"
        )
        {
            Run = async session =>
            {
                var request = new OpenRequest(session.Get(services), Plan: session.Get(plan));
                ExternalChangeView.Print(
                    session,
                    await session.Api.CloseAsync(session.Get(name), request, default),
                    plan
                );
                return ExitCode.Ok;
            },
        }.With(name, services, plan);
    }

    private static Argument<string[]> Services(ArgumentArity arity) =>
        new("SERVICE") { Description = "tcp/22, tcp/80-90, udp/53, icmp or all", Arity = arity };
}
