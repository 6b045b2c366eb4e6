using MasterController.Cli.Api;
using MasterController.Cli.Terminal;
using MasterController.Contracts;

namespace MasterController.Cli.Commands.Quotas;

/// <summary><c>mctl quota list</c>.</summary>
internal static class QuotaListCommand
{
    public static CliCommand Create() =>
        new("list", "List owners with what they have and may have", "mctl quota list")
        {
            Run = async session =>
            {
                Print(session, await session.Api.ListQuotasAsync(default));
                return ExitCode.Ok;
            },
        };

    private static void Print(Session session, QuotaList list) =>
        session.Print(
            list,
            CliJson.Wire.QuotaList,
            list.Items.Select(item => item.Owner),
            () =>
            {
                if (list.Items.Count == 0)
                {
                    session.Note("no owner has VMs or limits of its own");
                    return;
                }

                var table = new TableWriter("OWNER", "LIMITS", "VMS", "VCPUS", "MEMORY MIB", "ADDRESSES", "DEDICATED");
                foreach (var item in list.Items)
                {
                    var (used, limits) = (item.Used, item.Limits);
                    table.Add(
                        item.Owner,
                        item.Source == "owner" ? "own" : "default",
                        QuotaView.Of(used.Vms, limits.Vms),
                        QuotaView.Of(used.Vcpus, limits.Vcpus),
                        QuotaView.Of(used.MemoryMib, limits.MemoryMib),
                        QuotaView.Of(used.Addresses, limits.Addresses),
                        QuotaView.Of(used.DedicatedAddresses, limits.DedicatedAddresses)
                    );
                }

                table.Write(session.Out, session.Terminal.OutInk);
            }
        );
}
