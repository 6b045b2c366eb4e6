using System.CommandLine;
using MasterController.Contracts;

namespace MasterController.Cli.Commands.Vms;

/// <summary>What start, stop and restart have in common.</summary>
internal static class VmAction
{
    public static NamesArgument Names() =>
        new("VM", NameSource.Vms) { Description = "Names or ids", Arity = ArgumentArity.OneOrMore };

    public static Option<int?> GuestTimeout() =>
        CommonOptions.Number(
            "--timeout",
            "How long the guest may take to end before it is forced; 0 forces at once",
            "SECONDS",
            0,
            3600
        );

    /// <param name="verb">As the API names it.</param>
    /// <param name="doing">As a person is told.</param>
    /// <param name="wanted">The status in which it is done.</param>
    public static Task<int> RunAsync(
        Session session,
        string verb,
        string doing,
        string wanted,
        string[] names,
        int? guestTimeout,
        TimeSpan wait
    )
    {
        var interrupted = session.Terminal.Interrupt.Watch();
        session.DetachNote = $"{doing} goes on; look with: mctl vm list";
        return ManyVms.RunAsync(
            session,
            doing,
            [.. names.Distinct()],
            async (name, say) =>
            {
                var watch = new VmWait(session, wait);
                Vm? vm = await session.Api.ActOnVmAsync(name, verb, guestTimeout, wait, interrupted);
                return wait == TimeSpan.Zero
                    ? vm
                    : await watch.UntilAsync(vm, wanted, now => say($"{now.Name} {now.Status}"), interrupted);
            }
        );
    }
}
