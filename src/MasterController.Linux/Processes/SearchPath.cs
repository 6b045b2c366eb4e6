namespace MasterController.Linux.Processes;

/// <summary>Where a program is.</summary>
public static class SearchPath
{
    /// <summary>A unit's PATH may lack the directories that administrators' programs are in.</summary>
    private static readonly string[] Always = ["/usr/sbin", "/sbin", "/usr/bin", "/bin"];

    /// <summary><c>command -v NAME</c>: the full path of the first file in PATH that may be executed; null without one.</summary>
    /// <param name="nameOrPath">What has a slash in it is taken as a path.</param>
    /// <param name="path">Directories with ":" between; the PATH of this process when null.</param>
    public static string? Find(string nameOrPath, string? path = null)
    {
        if (nameOrPath.Contains('/'))
            return IsExecutable(nameOrPath) ? Path.GetFullPath(nameOrPath) : null;
        return (path ?? Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(':', StringSplitOptions.RemoveEmptyEntries)
            .Concat(Always)
            .Select(directory => Path.GetFullPath(Path.Combine(directory, nameOrPath)))
            .FirstOrDefault(IsExecutable);
    }

    private static bool IsExecutable(string path) =>
        File.Exists(path)
        && (
            File.GetUnixFileMode(path)
            & (UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute)
        ) != 0;
}
