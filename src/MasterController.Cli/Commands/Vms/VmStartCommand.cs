namespace MasterController.Cli.Commands.Vms;

/// <summary><c>mctl vm start</c>.</summary>
internal static class VmStartCommand
{
    public static CliCommand Create()
    {
        var names = VmAction.Names();
        var waiting = new WaitOptions(120);
        return new CliCommand(
            "start",
            "Start stopped or failed VMs",
            "mctl vm start web-1",
            "mctl vm start $(mctl vm list -q --status stopped)"
        )
        {
            Run = session =>
                VmAction.RunAsync(
                    session,
                    "start",
                    "starting",
                    "running",
                    session.Get(names),
                    null,
                    waiting.Of(session)
                ),
        }.With(names, waiting.Wait, waiting.NoWait);
    }
}
