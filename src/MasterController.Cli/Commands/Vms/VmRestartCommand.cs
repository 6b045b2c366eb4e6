namespace MasterController.Cli.Commands.Vms;

/// <summary><c>mctl vm restart</c>.</summary>
internal static class VmRestartCommand
{
    public static CliCommand Create()
    {
        var names = VmAction.Names();
        var timeout = VmAction.GuestTimeout();
        var waiting = new WaitOptions(120);
        return new CliCommand(
            "restart",
            "Stop VMs and start them again, with the same address and disk",
            "mctl vm restart web-1",
            "mctl vm restart web-1 --timeout 30 --no-wait"
        )
        {
            Run = session =>
                VmAction.RunAsync(
                    session,
                    "restart",
                    "restarting",
                    "running",
                    session.Get(names),
                    session.Get(timeout),
                    waiting.Of(session)
                ),
        }.With(names, timeout, waiting.Wait, waiting.NoWait);
    }
}
