using System.CommandLine;
using MasterController.Cli.Errors;
using MasterController.Contracts;

namespace MasterController.Cli.Commands.Quotas;

/// <summary><c>mctl quota set</c>: what is not named keeps the value that it has.</summary>
internal static class QuotaSetCommand
{
    private const int Most = 1_000_000;

    public static CliCommand Create()
    {
        var owner = QuotaCommands.Owner();
        var vms = Limit("--vms", "VMs, stopped ones included", Most);
        var vcpus = Limit("--vcpus", "vCPUs of VMs that are not stopped", Most);
        var memory = Limit("--memory", "MiB of memory of VMs that are not stopped", int.MaxValue - 1);
        var addresses = Limit("--addresses", "addresses of pools", 16_777_216);
        var dedicated = Limit("--dedicated", "dedicated addresses", Most);
        return new CliCommand(
            "set",
            "Set how much an owner may have; what it has already stays",
            "mctl quota set ci --vms 10 --memory 8192",
            "mctl quota set ci --vms 0      # no limit, whatever the configuration says"
        )
        {
            Run = async session =>
            {
                Option<int?>[] all = [vms, vcpus, memory, addresses, dedicated];
                if (!all.Any(session.Given))
                {
                    throw CliException.Usage(
                        "say which limit to set: --vms, --vcpus, --memory, --addresses, --dedicated"
                    );
                }

                var now = await session.Api.GetQuotaAsync(session.Get(owner), default);
                var own = now.Source == "owner" ? now.Limits : new QuotaLimits();
                var limits = new QuotaLimits(
                    session.Get(vms) ?? own.Vms,
                    session.Get(vcpus) ?? own.Vcpus,
                    session.Get(memory) ?? own.MemoryMib,
                    session.Get(addresses) ?? own.Addresses,
                    session.Get(dedicated) ?? own.DedicatedAddresses
                );
                QuotaView.Print(session, await session.Api.SetQuotaAsync(session.Get(owner), limits, default));
                return ExitCode.Ok;
            },
        }.With(owner, vms, vcpus, memory, addresses, dedicated);
    }

    private static Option<int?> Limit(string name, string what, int most) =>
        CommonOptions.Number(name, $"How many {what}; 0 for no limit", "N", 0, most);
}
