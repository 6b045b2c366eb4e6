namespace MasterController.Daemon.Hosting;

/// <summary>VM processes run as users of their own and have to reach their directories and images in the state directory.</summary>
internal static class StatePath
{
    /// <exception cref="StartupException">Names the directory above that does not let them pass.</exception>
    public static void RequirePassable(string stateDirectory)
    {
        for (
            var directory = new DirectoryInfo(stateDirectory).Parent;
            directory is not null;
            directory = directory.Parent
        )
        {
            if (!directory.UnixFileMode.HasFlag(UnixFileMode.OtherExecute))
            {
                throw new StartupException(
                    $"state_dir {stateDirectory} cannot be used: VM processes, which are unprivileged, cannot pass through "
                        + $"{directory.FullName} (mode {Convert.ToString((int)directory.UnixFileMode, 8)}); "
                        + $"choose another, or: chmod o+x {directory.FullName}"
                );
            }
        }
    }
}
