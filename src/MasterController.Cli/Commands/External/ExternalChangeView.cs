using System.CommandLine;
using MasterController.Cli.Api;
using MasterController.Contracts;

namespace MasterController.Cli.Commands.External;

/// <summary>A change of how VMs are reached, done or planned, on the terminal.</summary>
internal static class ExternalChangeView
{
    /// <param name="plan">The switch that made it a plan, left out of what a person is told to type.</param>
    public static void Print(Session session, ExternalChange change, Option<bool> plan) =>
        session.Print(
            change,
            CliJson.Wire.ExternalChange,
            NamesOf(change),
            () =>
            {
                var ink = session.Terminal.OutInk;
                session.Out.Write($"{ink.Bold(change.Summary)}\n");
                if (!change.Planned)
                {
                    if (change.Id is { } id)
                    {
                        session.Note($"undo it: mctl external rollback {id}");
                    }

                    return;
                }

                foreach (var step in change.Changes)
                {
                    session.Out.Write($"{step.Text}\n    {ink.Dim(step.Command)}\n");
                }

                if (change.Changes.Count == 0)
                {
                    session.Out.Write("The host is not changed: no VM that it is about runs.\n");
                }

                session.Note($"nothing has been changed; do it: {session.CommandLineWithout(plan)}");
            }
        );

    /// <summary>What a script wants to know: what was given, else the change itself.</summary>
    private static IEnumerable<string> NamesOf(ExternalChange change)
    {
        string[] given =
        [
            .. change.Vms.SelectMany(vm => AddressesOf(vm.After).Except(AddressesOf(vm.Before))),
            .. change.Vms.SelectMany(vm =>
                vm.After.Forwards.Select(forward => forward.Id).Except(vm.Before.Forwards.Select(forward => forward.Id))
            ),
        ];
        return given.Length > 0 ? given
            : change.Id is { } id ? [id]
            : [];
    }

    private static IEnumerable<string> AddressesOf(VmExternal external) =>
        new[] { external.Ipv6, external.PublicIpv4 }.OfType<string>();
}
