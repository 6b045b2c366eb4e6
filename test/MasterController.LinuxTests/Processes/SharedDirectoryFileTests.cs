using MasterController.Linux.Processes;
using Xunit;

namespace MasterController.LinuxTests.Processes;

public sealed class SharedDirectoryFileTests : IDisposable
{
    private const uint Uid = 1_900_000_003;

    private readonly string _directory = Directory.CreateTempSubdirectory("mc-shared-").FullName;

    private string Target => Path.Combine(_directory, "target");

    private string Link => Path.Combine(_directory, "link");

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void A_missing_file_is_made_for_its_owner_alone()
    {
        SharedDirectoryFile.OpenForAppend(Target, Uid).Dispose();

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Target));
        Assert.Throws<FileNotFoundException>(() => SharedDirectoryFile.OpenForReading(Link));
    }

    [Fact]
    public void What_is_in_a_file_stays_and_new_text_comes_behind_it()
    {
        File.WriteAllText(Target, "old ");

        using (var file = SharedDirectoryFile.OpenForAppend(Target, Uid))
            RandomAccess.Write(file, "new"u8, 0);

        Assert.Equal("old new", File.ReadAllText(Target));
    }

    [Fact]
    public void A_symbolic_link_is_not_followed()
    {
        File.WriteAllText(Target, "secret");
        File.CreateSymbolicLink(Link, Target);

        AssertRefused(Link);
    }

    [Fact]
    public async Task A_file_with_a_second_name_is_refused()
    {
        File.WriteAllText(Target, "secret");
        using var ln = System.Diagnostics.Process.Start(
            new System.Diagnostics.ProcessStartInfo("ln") { ArgumentList = { Target, Link } }
        )!;
        await ln.WaitForExitAsync(TestContext.Current.CancellationToken);

        AssertRefused(Link);
    }

    [Fact]
    public async Task A_named_pipe_is_refused_without_waiting()
    {
        using var mkfifo = System.Diagnostics.Process.Start(
            new System.Diagnostics.ProcessStartInfo("mkfifo") { ArgumentList = { Link } }
        )!;
        await mkfifo.WaitForExitAsync(TestContext.Current.CancellationToken);

        AssertRefused(Link);
    }

    [Fact]
    public void A_directory_is_made_once_and_again()
    {
        var directory = Path.Combine(_directory, "vm");

        SharedDirectoryFile.MakeDirectory(directory, Uid);
        SharedDirectoryFile.MakeDirectory(directory, Uid);

        Assert.Equal((UnixFileMode)0x1C0, File.GetUnixFileMode(directory));
    }

    private static void AssertRefused(string path)
    {
        Assert.Throws<IOException>(() => SharedDirectoryFile.OpenForAppend(path, Uid));
        Assert.Throws<IOException>(() => SharedDirectoryFile.OpenForReading(path));
        Assert.Throws<IOException>(() => SharedDirectoryFile.OpenForWriting(path));
    }
}
