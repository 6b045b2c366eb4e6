using System.Globalization;
using MasterController.Cli.Api;
using MasterController.Cli.Commands.Network;
using MasterController.Cli.Terminal;
using MasterController.Contracts;

namespace MasterController.Cli.Commands.Vms;

/// <summary>How VMs look on the terminal.</summary>
internal static class VmView
{
    public static void Print(Session session, VmList list) =>
        session.Print(
            list,
            CliJson.Wire.VmList,
            list.Items.Select(vm => vm.Name),
            () =>
            {
                var ink = session.Terminal.OutInk;
                var now = session.Terminal.Time.GetUtcNow();
                var table = new TableWriter("NAME", "ID", "TYPE", "STATUS", "ADDRESS", "OWNER", "AGE");
                foreach (var vm in list.Items)
                {
                    table.Add(
                        vm.Name,
                        vm.Id,
                        vm.Type,
                        new Cell(vm.Status, ink.Status),
                        vm.Address,
                        vm.Owner,
                        Readable.Age(now - vm.CreatedAt)
                    );
                }

                table.Write(session.Out, ink);
            }
        );

    public static void Print(Session session, Vm vm, VmTraffic? traffic = null) =>
        session.Print(
            vm,
            CliJson.Wire.Vm,
            [vm.Name],
            () => Fields(session, vm, traffic).Write(session.Out, session.Terminal.OutInk)
        );

    /// <summary>One line when a command has brought a VM where it should be.</summary>
    public static void PrintOutcome(Session session, Vm vm)
    {
        var ink = session.Terminal.OutInk;
        session.Out.Write($"{ink.Bold(vm.Name)} {ink.Status(vm.Status)}  {vm.Address}\n");
    }

    private static FieldWriter Fields(Session session, Vm vm, VmTraffic? traffic)
    {
        var ink = session.Terminal.OutInk;
        var now = session.Terminal.Time.GetUtcNow();
        string Since(DateTimeOffset? time) =>
            time is { } t ? $"{Readable.Time(t)}  ({Readable.Age(now - t)} ago)" : "-";
        var ready = vm is { ReadyAt: { } readyAt, StartedAt: { } startedAt }
            ? $"{Readable.Time(readyAt)}  ({Readable.Duration(readyAt - startedAt)} after the start)"
            : "-";
        var fields = new FieldWriter()
            .Add("Name", vm.Name, ink.Bold)
            .Add("Id", vm.Id)
            .Add("Status", vm.Status, ink.Status)
            .Add("Reason", vm.StatusReason)
            .Add("Type", $"{vm.Type}  ({vm.Vcpus} vCPU, {vm.MemoryMib} MiB)")
            .Add("Image", vm.Image)
            .Add("Address", vm.Address)
            .Add("Gateway", vm.Gateway)
            .Add("MAC", vm.Mac)
            .Add("TAP", vm.Tap)
            .Add("Pool", vm.Pool)
            .Add("Owner", vm.Owner ?? "-");
        foreach (var (key, value) in vm.Labels.OrderBy(label => label.Key, StringComparer.Ordinal))
        {
            fields.Add("Label", $"{key}={value}");
        }

        return VmPolicyView
            .Add(VmExternalView.Add(fields, vm), vm)
            .Add(
                "Hypervisor",
                vm.Hypervisor is null
                    ? null
                    : $"{vm.Hypervisor}{(vm.Pid is { } pid ? $"  (pid {pid.ToString(CultureInfo.InvariantCulture)})" : "")}"
            )
            .Add("Restart", $"{vm.Restart}  ({Readable.Plural(vm.Restarts, "restart")} so far)")
            .Add("Created", Since(vm.CreatedAt))
            .Add("Started", Since(vm.StartedAt))
            .Add("Ready", ready)
            .Add("Traffic in", traffic?.In is { } @in ? NetworkTrafficCommand.InWords(@in) : null)
            .Add("Traffic out", traffic?.Out is { } @out ? NetworkTrafficCommand.InWords(@out) : null);
    }
}
