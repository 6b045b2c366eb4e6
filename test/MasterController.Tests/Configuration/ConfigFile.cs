using MasterController.Daemon.Configuration;

namespace MasterController.Tests.Configuration;

/// <summary>A configuration file of a test's own.</summary>
internal sealed class ConfigFile : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("mc-config-");

    public ConfigFile(string text)
    {
        Path = System.IO.Path.Combine(_directory.FullName, "master-controller.toml");
        File.WriteAllText(Path, text);
    }

    public string Path { get; }

    public LoadedConfig Load(
        IReadOnlyDictionary<string, string>? environment = null,
        IReadOnlyDictionary<string, string>? flags = null
    ) => Loader(environment, flags).Load();

    public ConfigLoader Loader(
        IReadOnlyDictionary<string, string>? environment = null,
        IReadOnlyDictionary<string, string>? flags = null
    ) => new(Path, environment ?? new Dictionary<string, string>(), flags ?? new Dictionary<string, string>());

    public void Dispose() => _directory.Delete(recursive: true);
}
