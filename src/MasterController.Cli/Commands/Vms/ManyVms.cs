using MasterController.Cli.Errors;
using MasterController.Cli.Terminal;
using MasterController.Contracts;

namespace MasterController.Cli.Commands.Vms;

/// <summary>The same for several VMs at once; one that fails does not stop the others.</summary>
internal static class ManyVms
{
    /// <summary>Enough to keep the daemon busy, few enough for its listen queue.</summary>
    private const int AtOnce = 16;

    /// <param name="act">What to do with one; null when it has gone.</param>
    /// <param name="gone">They are gone when it is done.</param>
    /// <returns>The exit code of the first failure, in the order of the names; 0 without one.</returns>
    public static async Task<int> RunAsync(
        Session session,
        string doing,
        IReadOnlyList<string> names,
        Func<string, Action<string>, Task<Vm?>> act,
        bool gone = false
    )
    {
        using var gate = new SemaphoreSlim(AtOnce);
        var finished = 0;
        var title = names.Count == 1 ? $"{doing} {names[0]}" : $"{doing} {Readable.Plural(names.Count, "VM")}";
        var outcomes = await LiveStatus.ShowAsync(
            session.Terminal,
            title,
            say => Task.WhenAll(names.Select(name => OneAsync(name, say)))
        );
        return Report(session, outcomes, gone);

        async Task<(string Name, Vm? Vm, Exception? Error)> OneAsync(string name, Action<string> say)
        {
            await gate.WaitAsync();
            try
            {
                return (name, await act(name, names.Count == 1 ? say : _ => { }), null);
            }
            catch (Exception e) when (ErrorReport.Of(e) is not null)
            {
                return (name, null, e);
            }
            finally
            {
                gate.Release();
                if (names.Count > 1)
                {
                    say($"{title}  {Interlocked.Increment(ref finished)} of {names.Count}");
                }
            }
        }
    }

    private static int Report(
        Session session,
        IReadOnlyList<(string Name, Vm? Vm, Exception? Error)> outcomes,
        bool gone
    )
    {
        var done = outcomes.Where(outcome => outcome.Error is null).ToList();
        Vm[] vms = [.. done.Select(outcome => outcome.Vm).OfType<Vm>()];
        if (session.Json)
        {
            VmView.Print(session, new VmList(vms, vms.Length, null));
        }
        else
        {
            foreach (var (name, vm, _) in done)
            {
                Print(session, name, vm, gone);
            }
        }

        var code = ExitCode.Ok;
        foreach (var (name, _, error) in outcomes)
        {
            if (error is not null && ErrorReport.Of(error) is { } report)
            {
                report.Write(session.Terminal, name);
                code = code == ExitCode.Ok ? report.ExitCode : code;
            }
        }

        return code;
    }

    private static void Print(Session session, string name, Vm? vm, bool gone)
    {
        if (session.Quiet)
        {
            session.Out.Write((vm?.Name ?? name) + "\n");
        }
        else if (gone || vm is null)
        {
            session.Out.Write($"{session.Terminal.OutInk.Bold(name)} deleted\n");
        }
        else
        {
            VmView.PrintOutcome(session, vm);
        }
    }
}
