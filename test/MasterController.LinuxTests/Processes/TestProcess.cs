using MasterController.Linux.Processes;
using Microsoft.Win32.SafeHandles;

namespace MasterController.LinuxTests.Processes;

/// <summary>Starts shell scripts detached, with what they print kept in a file.</summary>
internal sealed class TestProcess : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("mc-process-").FullName;

    public string Output => File.ReadAllText(Path.Combine(_directory, "output"));

    public string Error => File.ReadAllText(Path.Combine(_directory, "error"));

    public ProcessIdentity Start(string script, Func<DetachedProcessSpec, DetachedProcessSpec>? change = null)
    {
        using var output = Open("output");
        using var error = Open("error");
        var spec = new DetachedProcessSpec(
            "/bin/sh",
            ["-c", script],
            new Dictionary<string, string> { ["PATH"] = "/usr/bin:/bin" },
            output,
            error,
            Descriptors: [],
            User: null
        );
        return DetachedProcess.Start(change?.Invoke(spec) ?? spec);
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    private SafeFileHandle Open(string name) => SharedDirectoryFile.OpenForAppend(Path.Combine(_directory, name), 0);
}
