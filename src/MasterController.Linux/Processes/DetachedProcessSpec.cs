using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace MasterController.Linux.Processes;

/// <summary>A process that shall run apart from its parent and outlive it.</summary>
/// <param name="Program">A path, or a name that is looked up in the PATH of this process.</param>
/// <param name="Environment">All of it; nothing is inherited.</param>
/// <param name="Output">Standard output; opened for appending if it may be cut while the process writes.</param>
/// <param name="Error">Standard error; may be the same handle.</param>
/// <param name="Descriptors">Become the descriptors 3, 4, … of the process; the caller keeps its own.</param>
/// <param name="User">Null: the user of this process, with its rights.</param>
public sealed record DetachedProcessSpec(
    string Program,
    IReadOnlyList<string> Arguments,
    IReadOnlyDictionary<string, string> Environment,
    SafeFileHandle Output,
    SafeFileHandle Error,
    IReadOnlyList<SafeHandle> Descriptors,
    UnprivilegedUser? User
)
{
    /// <summary>RLIMIT_NOFILE; not above the hard limit of this process.</summary>
    public int OpenFiles { get; init; } = 1024;

    /// <summary>
    /// Limits, user and rights have to be set between fork and exec, where managed code cannot run; prlimit(1) and
    /// setpriv(1) of util-linux, essential on Debian, set them and become the program. Setting the limits of another
    /// user's process from here would need CAP_SYS_RESOURCE. A core file would hold the guest's memory.
    /// </summary>
    internal IReadOnlyList<string> CommandLine() =>
        ["prlimit", "--core=0", $"--nofile={OpenFiles}", "--", .. User?.Drop ?? [], Program, .. Arguments];
}

/// <summary>
/// A user without any right beyond its files: no capability, none to be had by executing a file, no further groups
/// but one. Needs no entry in /etc/passwd. The group's number is the user's.
/// </summary>
/// <param name="Group">A supplementary group, such as that of /dev/kvm.</param>
public sealed record UnprivilegedUser(uint Uid, uint? Group = null)
{
    internal IReadOnlyList<string> Drop =>
        [
            "setpriv",
            "--reuid",
            $"{Uid}",
            "--regid",
            $"{Uid}",
            .. Group is { } group ? (ReadOnlySpan<string>)["--groups", $"{group}"] : ["--clear-groups"],
            "--no-new-privs",
            "--bounding-set=-all",
            "--inh-caps=-all",
            "--",
        ];
}
