using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;
using MasterController.Linux.Processes;

namespace MasterController.LinuxTests.Processes;

/// <summary>
/// A parent for detached processes that is not this process: this program once more, which starts a script and exits.
/// </summary>
internal static class OtherProcess
{
    private const string ScriptVariable = "MC_TEST_DETACH";
    private const string Mark = "MC_TEST_MARK";

    /// <summary>Returns when the parent is gone and the detached process still runs.</summary>
    public static async Task<ProcessIdentity> StartDetachedAsync(
        string script,
        CancellationToken token,
        string mark = ""
    )
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true };
        start.Environment[ScriptVariable] = script;
        start.Environment[Mark] = mark;
        using var parent = Process.Start(start)!;
        var pid = int.Parse(await parent.StandardOutput.ReadToEndAsync(token), CultureInfo.InvariantCulture);
        await parent.WaitForExitAsync(token);
        return ProcessIdentity.Read(pid) ?? throw new InvalidOperationException("it ended with its parent");
    }

    [ModuleInitializer]
    internal static void DetachAndExit()
    {
        if (Environment.GetEnvironmentVariable(ScriptVariable) is not { } script)
            return;
        using var nothing = File.OpenHandle("/dev/null", FileMode.Open, FileAccess.Write);
        var environment = new Dictionary<string, string> { [Mark] = Environment.GetEnvironmentVariable(Mark) ?? "" };
        var spec = new DetachedProcessSpec("/bin/sh", ["-c", script], environment, nothing, nothing, [], User: null);
        Console.Write(DetachedProcess.Start(spec).Pid);
        Environment.Exit(0);
    }
}
