using System.CommandLine;
using MasterController.Cli.Errors;
using MasterController.Contracts;

namespace MasterController.Cli.Commands.Pools;

/// <summary><c>mctl pool create</c>.</summary>
internal static class PoolCreateCommand
{
    public static CliCommand Create()
    {
        var name = new Argument<string>("POOL") { Description = "Its name, a DNS label" };
        var cidrs = new Argument<string[]>("CIDR") { Description = "Its ranges", Arity = ArgumentArity.OneOrMore };
        var first = Address("--first", "First address to lease [network+2]");
        var last = Address("--last", "Last address to lease [broadcast-1]");
        var gateway = Address("--gateway", "The VMs' gateway [network+1]");
        var reserve = new Option<string[]>("--reserve")
        {
            Description = "An address or network that is never leased automatically; repeat for several",
            HelpName = "ADDRESS|CIDR",
        };
        var cooldown = CommonOptions.Number(
            "--cooldown",
            "Rest of a released address before another owner gets it [30]",
            "SECONDS",
            0,
            86400
        );
        var strategy = new Option<string?>("--strategy")
        {
            Description = "Which address is next [lowest-free]",
            HelpName = "STRATEGY",
        };
        strategy.CompletionSources.Add("lowest-free", "next", "random", "least-recently-used");
        var vmToVm = new Option<bool>("--allow-vm-to-vm") { Description = "Let the pool's VMs reach each other" };
        return new CliCommand(
            "create",
            "Create an IP pool",
            "mctl pool create customers 10.20.0.0/16",
            "mctl pool create lab 192.168.7.0/24 --first 192.168.7.50 --last 192.168.7.99 --reserve 192.168.7.64/29"
        )
        {
            Run = async session =>
            {
                var ranges = session.Get(cidrs);
                var single =
                    new[] { session.Get(first), session.Get(last), session.Get(gateway) }.Any(x => x is not null)
                    || session.Get(reserve) is { Length: > 0 };
                if (single && ranges.Length > 1)
                {
                    throw CliException.Usage("--first, --last, --gateway and --reserve are for a pool of one CIDR");
                }

                var pool = await session.Api.CreatePoolAsync(
                    new CreatePoolRequest(
                        session.Get(name),
                        [
                            .. ranges.Select(cidr => new PoolRangeRequest(
                                cidr,
                                session.Get(first),
                                session.Get(last),
                                session.Get(gateway),
                                session.Get(reserve) is { Length: > 0 } reservations ? reservations : null
                            )),
                        ],
                        session.Get(cooldown),
                        session.Get(strategy),
                        session.Get(vmToVm) ? true : null
                    ),
                    default
                );
                PoolView.Print(session, pool);
                return ExitCode.Ok;
            },
        }.With(name, cidrs, first, last, gateway, reserve, cooldown, strategy, vmToVm);
    }

    private static Option<string?> Address(string name, string description) =>
        new(name) { Description = description, HelpName = "ADDRESS" };
}
