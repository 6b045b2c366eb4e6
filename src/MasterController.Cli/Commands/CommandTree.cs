using MasterController.Cli.Commands.Access;
using MasterController.Cli.Commands.Addresses;
using MasterController.Cli.Commands.Completion;
using MasterController.Cli.Commands.Doctor;
using MasterController.Cli.Commands.Events;
using MasterController.Cli.Commands.External;
using MasterController.Cli.Commands.Forwards;
using MasterController.Cli.Commands.Images;
using MasterController.Cli.Commands.Leases;
using MasterController.Cli.Commands.Network;
using MasterController.Cli.Commands.Operations;
using MasterController.Cli.Commands.Pools;
using MasterController.Cli.Commands.Quotas;
using MasterController.Cli.Commands.Statistics;
using MasterController.Cli.Commands.Vms;
using MasterController.Cli.Commands.WebHooks;

namespace MasterController.Cli.Commands;

/// <summary>All of <c>mctl</c>'s commands.</summary>
internal static class CommandTree
{
    /// <param name="args">
    /// Only the nouns that are named among them get their commands: building every option of every command would take
    /// as long as the rest of the start. All do for <c>completion</c>.
    /// </param>
    public static CliCommand Build(GlobalOptions options, string[] args)
    {
        return new CliCommand(
            "mctl",
            "Runs microVMs on this host, each with an address from an IP pool.",
            "mctl image build                      # once: the image that VMs start from",
            "mctl vm create web-1 --type cli       # boots a VM and prints its address",
            "mctl vm list --label app=shop -o json"
        ).With(
            Noun("vm", "Create, look at and end VMs", VmCommands.All),
            Noun("pool", "IP pools that VMs get their addresses from", PoolCommands.All),
            Noun("lease", "Addresses of a pool that somebody holds", LeaseCommands.All),
            Noun("ip", "What an address is, and who has had it", AddressCommands.All),
            Noun("net", "The host network, and what differs from what it should be", NetworkCommands.All),
            Noun("forward", "Ports of this host that lead to VMs", ForwardCommands.All),
            Noun("external", "Dedicated addresses: what there is, who has it, whether it works", ExternalCommands.All),
            Noun("image", "Images that VMs start from", ImageCommands.All),
            Noun("operation", "Long-running work of the daemon", OperationCommands.All),
            StatsCommand.Create(),
            HostCommand.Create(),
            Noun("key", "API keys, by which others than root call the daemon", KeyCommands.All),
            AuditCommand.Create(),
            WhoAmICommand.Create(),
            Noun("quota", "How much owners may have, and what they have", QuotaCommands.All),
            Noun("webhook", "Receivers that events are posted to", WebHookCommands.All),
            DoctorCommand.Create(),
            EventsCommand.Create(),
            CompletionCommand.Create(),
            CompleteCommand.Create(),
            options.Output,
            options.Quiet,
            options.Socket,
            options.KeyFile,
            options.NoColor,
            options.Help,
            options.Version
        );

        CliCommand Noun(string name, string purpose, Func<CliCommand[]> commands) =>
            new CliCommand(name, purpose).With(
                args.Contains(name) || args.Contains(CompletionCommand.Name) ? [.. commands()] : []
            );
    }
}
