using System.Text;
using MasterController.Core.Vms;
using MasterController.Tests.Images;
using Xunit;

namespace MasterController.Tests.Vms;

public sealed class VmConsoleTests : IDisposable
{
    private const string Id = "vm-0123456789ab";

    private readonly ScratchDirectory _scratch = new();
    private readonly VmConsole _console;

    public VmConsoleTests()
    {
        Directory.CreateDirectory(_scratch[Id]);
        _console = new VmConsole(new VmDirectories(_scratch.Path), TimeProvider.System);
    }

    private string Log => Path.Combine(_scratch[Id], "console.log");

    public void Dispose() => _scratch.Dispose();

    [Theory]
    [InlineData("", 3, "")]
    [InlineData("a\nb\nc\n", 2, "b\nc\n")]
    [InlineData("a\nb\nc", 2, "b\nc")]
    [InlineData("a\nb\n", 9, "a\nb\n")]
    [InlineData("a\n\n\n", 2, "\n\n")]
    [InlineData("a\nb\n", 0, "")]
    public void The_tail_is_the_last_lines(string log, int lines, string tail)
    {
        File.WriteAllText(Log, log);

        Assert.Equal(tail, _console.Tail(Id, lines));
    }

    [Fact]
    public void A_console_that_is_not_there_is_empty_and_one_that_is_a_link_is_refused()
    {
        Assert.Equal("", _console.Tail(Id, 5));
        _console.Trim(Id, 10);
        _console.BeginBoot(Id);
        File.CreateSymbolicLink(Log, "/etc/hostname");

        Assert.Throws<IOException>(() => _console.Tail(Id, 5));
        Assert.Throws<IOException>(() => _console.Trim(Id, 1));
    }

    [Fact]
    public void What_was_said_before_the_last_boot_is_not_of_this_boot()
    {
        File.WriteAllText(Log, "old words");
        Assert.Equal("old words", _console.OfThisBoot(Id, 10));
        _console.BeginBoot(Id);
        Assert.Equal("", _console.OfThisBoot(Id, 10));

        File.AppendAllText(Log, "new words\n");

        Assert.Equal("new words\n", _console.OfThisBoot(Id, 10));
        Assert.StartsWith("old words\n", _console.Tail(Id, 10));
    }

    [Fact]
    public void A_long_console_is_cut_to_whole_lines_of_its_last_half()
    {
        File.WriteAllText(Log, string.Concat(Enumerable.Range(0, 100).Select(i => $"line {i:000}\n")));

        _console.Trim(Id, 900);
        Assert.Equal(900, new FileInfo(Log).Length);
        _console.Trim(Id, 100);

        Assert.Equal("line 095\nline 096\nline 097\nline 098\nline 099\n", File.ReadAllText(Log));
    }

    [Fact]
    public async Task Following_gives_the_tail_and_all_that_comes_also_after_a_cut()
    {
        File.WriteAllText(Log, "one\ntwo\n");
        var seen = new StringBuilder();
        var wrote = 0;
        await foreach (var part in _console.FollowAsync(Id, 1, TestContext.Current.CancellationToken))
        {
            seen.Append(Encoding.UTF8.GetString(part.Span));
            switch (seen.ToString())
            {
                case "two\n" when wrote++ == 0:
                    File.AppendAllText(Log, "three\n");
                    break;
                case "two\nthree\n":
                    File.WriteAllText(Log, "cut\n");
                    break;
                case "two\nthree\ncut\n":
                    Directory.Delete(_scratch[Id], recursive: true);
                    break;
            }
        }

        Assert.Equal("two\nthree\ncut\n", seen.ToString());
    }
}
