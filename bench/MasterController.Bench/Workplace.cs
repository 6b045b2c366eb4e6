namespace MasterController.Bench;

/// <summary>Where things lie.</summary>
/// <param name="Repository">With the binaries in out/bin.</param>
/// <param name="Work">An empty directory that is removed afterwards; "packages" in it may hold .deb files.</param>
internal sealed record Workplace(string Repository, string Work)
{
    public string Mctl => Path.Combine(Repository, "out/bin/mctl");

    public string Controller => Path.Combine(Repository, "out/bin/master-controller");

    public string Results => Path.Combine(Repository, "out/bench");

    public string Packages => Path.Combine(Work, "packages");

    /// <summary>A directory of its own, which is not there yet.</summary>
    public string NewDirectory(string name)
    {
        var directory = Path.Combine(Work, name);
        Directory.CreateDirectory(directory);
        return directory;
    }

    /// <summary>The path of a file that is not there yet, in a directory of its own.</summary>
    public string NewFile(string directory, string name) => Path.Combine(NewDirectory(directory), name);
}
