namespace MasterController.Tests.Store;

/// <summary>A directory of its own for a state file, gone with the test.</summary>
internal sealed class StateFile : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("mc-store-");

    public string Path => System.IO.Path.Combine(_directory.FullName, "state.db");

    public void Dispose() => _directory.Delete(recursive: true);
}
