using MasterController.Linux.Processes;
using Xunit;

namespace MasterController.Tests.Processes;

public sealed class SearchPathTests
{
    [Fact]
    public void The_first_file_in_path_that_may_be_executed_is_the_program()
    {
        var directory = Directory.CreateTempSubdirectory("mc-path-").FullName;
        try
        {
            var first = Directory.CreateDirectory(Path.Combine(directory, "first")).FullName;
            var second = Directory.CreateDirectory(Path.Combine(directory, "second")).FullName;
            File.WriteAllText(Path.Combine(first, "tool"), "no program");
            File.SetUnixFileMode(Path.Combine(first, "tool"), UnixFileMode.UserRead);
            var program = Path.Combine(second, "tool");
            File.WriteAllText(program, "#!/bin/sh");
            File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserExecute);

            Assert.Equal(program, SearchPath.Find("tool", $"{first}:{second}"));
            Assert.Equal(program, SearchPath.Find(program));
            Assert.Null(SearchPath.Find(Path.Combine(first, "tool")));
            Assert.Null(SearchPath.Find("tool", first));
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    [Fact]
    public void The_systems_own_directories_are_searched_whatever_path_says() =>
        Assert.NotNull(SearchPath.Find("sh", path: ""));
}
