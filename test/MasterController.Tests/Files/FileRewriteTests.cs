using System.Text;
using MasterController.Linux.Files;
using Xunit;

namespace MasterController.Tests.Files;

public sealed class FileRewriteTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("rewrite-");

    [Fact]
    public void The_mode_stays_and_nothing_else_is_left_in_the_directory()
    {
        var path = Write("rules", "old");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.GroupRead);

        FileRewrite.Replace(path, "new"u8);

        Assert.Equal("new", File.ReadAllText(path));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.GroupRead, File.GetUnixFileMode(path));
        Assert.Equal([path], Directory.GetFileSystemEntries(_directory.FullName));
    }

    [Fact]
    public void What_has_the_file_open_keeps_the_old_one()
    {
        var path = Write("rules", "old");
        using var reader = File.OpenText(path);

        FileRewrite.Replace(path, "new"u8);

        Assert.Equal("old", reader.ReadToEnd());
    }

    [Fact]
    public void A_symbolic_link_is_followed_and_stays()
    {
        var target = Write("target", "old");
        var link = Path.Combine(_directory.FullName, "link");
        File.CreateSymbolicLink(link, "target");

        FileRewrite.Replace(link, "new"u8);

        Assert.Equal("new", File.ReadAllText(target));
        Assert.Equal("target", new FileInfo(link).LinkTarget);
    }

    [Fact]
    public void What_an_earlier_crash_left_does_not_hinder()
    {
        var path = Write("rules", "old");
        Write(".rules.master-controller~", "half");

        FileRewrite.Replace(path, Encoding.UTF8.GetBytes("new"));

        Assert.Equal([path], Directory.GetFileSystemEntries(_directory.FullName));
    }

    [Fact]
    public void A_file_that_is_not_there_is_refused()
    {
        var path = Path.Combine(_directory.FullName, "missing");

        var failure = Assert.ThrowsAny<IOException>(() => FileRewrite.Replace(path, "new"u8));

        Assert.Contains(path, failure.Message);
        Assert.False(File.Exists(path));
    }

    public void Dispose() => _directory.Delete(recursive: true);

    private string Write(string name, string text)
    {
        var path = Path.Combine(_directory.FullName, name);
        File.WriteAllText(path, text);
        return path;
    }
}
