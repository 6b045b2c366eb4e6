using System.CommandLine;
using MasterController.Cli.Api;
using MasterController.Cli.Errors;
using MasterController.Cli.Terminal;
using MasterController.Contracts;

namespace MasterController.Cli.Commands.Vms;

/// <summary>
/// <c>mctl vm delete</c>: named VMs without a question, as <c>docker rm</c> and <c>kubectl delete</c> do; all of them
/// only with <c>--yes</c>.
/// </summary>
internal static class VmDeleteCommand
{
    public static CliCommand Create()
    {
        var names = VmAction.Names();
        names.Arity = ArgumentArity.ZeroOrMore;
        var all = new Option<bool>("--all") { Description = "Every VM there is; needs --yes" };
        var yes = new Option<bool>("--yes", "-y") { Description = "Yes, all of them" };
        var waiting = new WaitOptions(60);
        return new CliCommand(
            "delete",
            "Delete VMs with their disks and give their addresses back",
            "mctl vm delete web-1 web-2",
            "mctl vm delete $(mctl vm list -q --status failed)",
            "mctl vm delete --all --yes"
        )
        {
            Run = async session =>
            {
                var wait = waiting.Of(session);
                var chosen = await ChooseAsync(session, session.Get(names), session.Get(all), session.Get(yes));
                var interrupted = session.Terminal.Interrupt.Watch();
                session.DetachNote = "deleting goes on; look with: mctl vm list";
                return await ManyVms.RunAsync(
                    session,
                    "deleting",
                    chosen,
                    (name, say) => DeleteAsync(session, name, wait, say, interrupted),
                    gone: wait > TimeSpan.Zero
                );
            },
        }.With(names, all, yes, waiting.Wait, waiting.NoWait);
    }

    private static async Task<string[]> ChooseAsync(Session session, string[] names, bool all, bool yes)
    {
        if (!all)
        {
            return names.Length > 0
                ? [.. names.Distinct()]
                : throw CliException.Usage("which VMs? Name them, or use --all --yes");
        }

        if (names.Length > 0)
        {
            throw CliException.Usage("--all and names exclude each other");
        }

        var vms = await session.Api.ListVmsAsync(new VmFilter(), null, default);
        return yes
            ? [.. vms.Items.Select(vm => vm.Name)]
            : throw CliException.Usage(
                $"--all would delete {Readable.Plural(vms.Items.Count, "VM")} with their disks; say --yes if you mean it"
            );
    }

    private static async Task<Vm?> DeleteAsync(
        Session session,
        string name,
        TimeSpan wait,
        Action<string> say,
        CancellationToken cancel
    )
    {
        var watch = new VmWait(session, wait);
        var vm = await session.Api.DeleteVmAsync(name, TimeSpan.Zero, cancel);
        if (vm is not null && wait > TimeSpan.Zero)
        {
            await watch.UntilGoneAsync(vm, now => say($"{now.Name} {now.Status}"), cancel);
        }

        return vm;
    }
}
