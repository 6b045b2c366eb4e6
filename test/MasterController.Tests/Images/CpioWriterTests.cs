using System.Diagnostics;
using System.Text;
using MasterController.Core.Images.Build;
using Xunit;

namespace MasterController.Tests.Images;

public sealed class CpioWriterTests
{
    [Fact]
    public void An_archive_has_the_bytes_that_the_format_says()
    {
        using var output = new MemoryStream();
        using (var cpio = new CpioWriter(output))
        {
            cpio.AddDirectory("etc");
            cpio.AddFile("init", "hello"u8, permissions: 0x1ED);
            cpio.AddSymbolicLink("sh", "bb");
        }

        Assert.Equal(
            "070701000000010000"
                + "41ED0000000000000000000000020000000000000000000000000000000000000000000000000000000400000000"
                + "etc\0\0\0"
                + "0707010000000200008"
                + "1ED0000000000000000000000010000000000000005000000000000000000000000000000000000000500000000"
                + "init\0\0"
                + "hello\0\0\0"
                + "070701000000030000A"
                + "1FF0000000000000000000000010000000000000002000000000000000000000000000000000000000300000000"
                + "sh\0\0\0\0"
                + "bb\0\0"
                + "07070100000000000000000000000000000000000000010000000000000000000000000000000000000000000000000000000B00000000"
                + "TRAILER!!!\0\0\0\0",
            Encoding.ASCII.GetString(output.ToArray())
        );
    }

    [Fact]
    public async Task The_real_cpio_reads_what_was_written()
    {
        using var scratch = new ScratchDirectory();
        await using (var output = File.Create(scratch["archive"]))
        using (var cpio = new CpioWriter(output))
        {
            cpio.AddDirectory("bin");
            cpio.AddFile("bin/tool", "#!/bin/sh\n"u8, permissions: 0x1ED);
            cpio.AddFile("bin/empty", [], permissions: 0x1A4);
            cpio.AddSymbolicLink("bin/other", "tool");
        }
        var start = new ProcessStartInfo("cpio") { WorkingDirectory = scratch.Path, RedirectStandardError = true };
        foreach (var argument in (string[])["-i", "--no-preserve-owner", "--file", scratch["archive"]])
            start.ArgumentList.Add(argument);
        using var process = Process.Start(start)!;
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.Equal(0, process.ExitCode);
        Assert.Equal(
            "#!/bin/sh\n",
            await File.ReadAllTextAsync(scratch["bin/tool"], TestContext.Current.CancellationToken)
        );
        Assert.True(File.GetUnixFileMode(scratch["bin/tool"]).HasFlag(UnixFileMode.UserExecute));
        Assert.Equal(0, new FileInfo(scratch["bin/empty"]).Length);
        Assert.Equal("tool", new FileInfo(scratch["bin/other"]).LinkTarget);
    }
}
