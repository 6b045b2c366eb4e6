using System.CommandLine;
using MasterController.Cli.Api;
using MasterController.Contracts;

namespace MasterController.Cli.Commands.Leases;

/// <summary><c>mctl lease create</c>: an address for somebody who is not a VM of ours.</summary>
internal static class LeaseCreateCommand
{
    public static CliCommand Create()
    {
        var owner = new Argument<string>("OWNER")
        {
            Description = "Your key; the same key gets the same address again",
        };
        var address = new Option<string?>("--address")
        {
            Description = "This address [the next free one]",
            HelpName = "ADDRESS",
        };
        var pool = LeaseCommands.Pool();
        return new CliCommand(
            "create",
            "Lease an address",
            "mctl lease create build-agent-7",
            "mctl lease create printer --address 192.168.100.50"
        )
        {
            Run = async session =>
            {
                var request = new CreateLeaseRequest(session.Get(owner), session.Get(address));
                var lease = await session.Api.CreateLeaseAsync(session.Get(pool)!, request, default);
                session.Print(
                    lease,
                    CliJson.Wire.Lease,
                    [lease.Address],
                    () =>
                    {
                        var gateway = lease.Gateway is null ? "" : $", gateway {lease.Gateway}";
                        var ink = session.Terminal.OutInk;
                        session.Out.Write(
                            $"{ink.Bold(lease.Address)} leased to {lease.Owner}  ({lease.Network}{gateway})\n"
                        );
                    }
                );
                return ExitCode.Ok;
            },
        }.With(owner, address, pool);
    }
}
