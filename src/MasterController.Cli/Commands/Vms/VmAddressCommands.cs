using System.CommandLine;
using MasterController.Cli.Commands.External;
using MasterController.Cli.Errors;
using MasterController.Contracts;

namespace MasterController.Cli.Commands.Vms;

/// <summary><c>mctl vm attach-address</c> and <c>mctl vm detach-address</c>.</summary>
internal static class VmAddressCommands
{
    public static CliCommand Attach()
    {
        var name = new NameArgument("VM", NameSource.Vms) { Description = "Name or id" };
        var address = new Argument<string?>("ADDRESS")
        {
            Description = "A public IPv4 or IPv6 address; the next free IPv4 when left out",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var ipv6 = new Option<bool>("--ipv6") { Description = "An IPv6 address; the guest is told at its next start" };
        var move = new Option<bool>("--move") { Description = "Take it from the VM that has it" };
        var plan = ExternalCommands.Plan();
        return new CliCommand(
            "attach-address",
            "Give a VM a dedicated address; it stays closed until it is opened",
            "mctl vm attach-address web-1",
            "mctl vm attach-address web-1 203.0.113.33",
            "mctl vm attach-address web-2 203.0.113.33 --move",
            "mctl vm attach-address web-1 --ipv6"
        )
        {
            Run = async session =>
            {
                var (given, isIpv6) = (session.Get(address), session.Get(ipv6));
                if (given is not null && isIpv6)
                {
                    throw CliException.Usage("an address and --ipv6 exclude each other");
                }

                if (given is null && session.Get(move))
                {
                    throw CliException.Usage("--move needs an address");
                }

                var request = new AttachAddressRequest(
                    given,
                    isIpv6 ? "ipv6" : null,
                    session.Get(move),
                    session.Get(plan)
                );
                ExternalChangeView.Print(
                    session,
                    await session.Api.AttachAddressAsync(session.Get(name), request, default),
                    plan
                );
                return ExitCode.Ok;
            },
        }.With(name, address, ipv6, move, plan);
    }

    public static CliCommand Detach()
    {
        var name = new NameArgument("VM", NameSource.Vms) { Description = "Name or id" };
        var address = new Argument<string>("ADDRESS") { Description = "The dedicated address" };
        var plan = ExternalCommands.Plan();
        return new CliCommand(
            "detach-address",
            "Take a dedicated address from a VM; it cools down before another VM gets it",
            "mctl vm detach-address web-1 203.0.113.33",
            "mctl vm detach-address web-1 203.0.113.33 --plan"
        )
        {
            Run = async session =>
            {
                var (vm, given) = (session.Get(name), session.Get(address));
                ExternalChangeView.Print(
                    session,
                    await session.Api.DetachAddressAsync(vm, given, session.Get(plan), default),
                    plan
                );
                return ExitCode.Ok;
            },
        }.With(name, address, plan);
    }
}
