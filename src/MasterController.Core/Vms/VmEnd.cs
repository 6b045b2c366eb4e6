using MasterController.Linux.Processes;

namespace MasterController.Core.Vms;

/// <summary>Tells a guest that ended in order from one that failed, and says so in words.</summary>
internal static class VmEnd
{
    /// <summary>How much of the console is looked at: a panic is followed by registers and a call trace.</summary>
    public const int ConsoleLines = 200;

    /// <summary>How much of it goes into a VM's reason.</summary>
    private const int LinesInReason = 5;

    /// <summary>
    /// With -no-reboot a panicking guest resets too and its hypervisor exits with 0; only the console tells.
    /// </summary>
    private const string PanicMark = "Kernel panic";

    public static (VmStatus Status, string Reason) Explain(ProcessExit exit, string consoleTail)
    {
        if (!exit.IsKnown)
            return (
                VmStatus.Failed,
                WithConsole("the VM process ended while no controller was there to see how", consoleTail)
            );
        if (exit.Signal is { } signal)
            return (VmStatus.Failed, WithConsole($"the VM process was ended by signal {signal}", consoleTail));
        if (exit.Code is { } code and not 0)
            return (VmStatus.Failed, WithConsole($"the hypervisor ended with exit code {code}", consoleTail));
        return consoleTail.Contains(PanicMark, StringComparison.Ordinal)
            ? (VmStatus.Failed, WithConsole($"the guest's kernel panicked: {PanicLine(consoleTail)}", consoleTail))
            : (VmStatus.Stopped, "the guest ended by itself");
    }

    private static string WithConsole(string what, string consoleTail)
    {
        var lines = consoleTail.Trim().Split('\n').TakeLast(LinesInReason);
        var text = string.Join('\n', lines).Trim();
        return text.Length == 0 ? what : $"{what}; the console's last lines: {text}";
    }

    private static string PanicLine(string consoleTail) =>
        consoleTail.Split('\n').First(line => line.Contains(PanicMark, StringComparison.Ordinal)).Trim();
}
