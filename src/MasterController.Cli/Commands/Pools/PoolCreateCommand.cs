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
        var range = new PoolRangeOptions();
        var cooldown = CommonOptions.Number(
            "--cooldown",
            "Rest of a released address before another owner gets it [30]",
            "SECONDS",
            0,
            86400
        );
        var strategy = CommonOptions.Choice(
            "--strategy",
            "Which address is next [lowest-free]",
            null,
            "lowest-free",
            "next",
            "random",
            "least-recently-used"
        );
        var vmToVm = new Option<bool>("--allow-vm-to-vm") { Description = "Let the pool's VMs reach each other" };
        var earlyReuse = new Option<bool>("--allow-early-reuse")
        {
            Description = "When no address is free, give the one that has cooled longest to another owner early",
        };
        var network = CommonOptions.Choice(
            "--network",
            "How its VMs are connected: by routes, or as ports of one bridge, 1,023 at most [routed]",
            null,
            "routed",
            "bridge"
        );
        return new CliCommand(
            "create",
            "Create an IP pool",
            "mctl pool create customers 10.20.0.0/16",
            "mctl pool create lab 192.168.7.0/24 --first 192.168.7.50 --last 192.168.7.99 --reserve 192.168.7.64/29",
            "mctl pool create runners 10.30.0.0/24 --strategy least-recently-used --allow-early-reuse",
            "mctl pool create lan 192.168.50.0/24 --network bridge --allow-vm-to-vm"
        )
        {
            Run = async session =>
            {
                var ranges = session.Get(cidrs);
                if (ranges.Length > 1 && range.AnyGiven(session))
                {
                    throw CliException.Usage("--first, --last, --gateway and --reserve are for a pool of one CIDR");
                }

                var pool = await session.Api.CreatePoolAsync(
                    new CreatePoolRequest(
                        session.Get(name),
                        [.. ranges.Select(cidr => range.Of(session, cidr))],
                        session.Get(cooldown),
                        session.Get(strategy),
                        session.Get(vmToVm) ? true : null,
                        session.Get(earlyReuse) ? true : null,
                        session.Get(network)
                    ),
                    default
                );
                PoolView.Print(session, pool);
                return ExitCode.Ok;
            },
        }.With([name, cidrs, .. range.All, cooldown, strategy, vmToVm, earlyReuse, network]);
    }
}
