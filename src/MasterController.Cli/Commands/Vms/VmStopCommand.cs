namespace MasterController.Cli.Commands.Vms;

/// <summary><c>mctl vm stop</c>.</summary>
internal static class VmStopCommand
{
    public static CliCommand Create()
    {
        var names = VmAction.Names();
        var timeout = VmAction.GuestTimeout();
        var waiting = new WaitOptions(120);
        return new CliCommand(
            "stop",
            "Stop VMs; they keep their address and disk",
            "mctl vm stop web-1 web-2",
            "mctl vm stop web-1 --timeout 0        # at once, without asking the guest"
        )
        {
            Run = session =>
                VmAction.RunAsync(
                    session,
                    "stop",
                    "stopping",
                    "stopped",
                    session.Get(names),
                    session.Get(timeout),
                    waiting.Of(session)
                ),
        }.With(names, timeout, waiting.Wait, waiting.NoWait);
    }
}
