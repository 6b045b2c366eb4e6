using System.Diagnostics;
using MasterController.Linux.Namespaces;
using Xunit;

namespace MasterController.LinuxTests.Namespaces;

public sealed class NetworkNamespaceTests
{
    [Fact]
    public void A_new_namespace_is_not_the_one_it_was_made_from()
    {
        using var made = NetworkNamespace.Create();

        Assert.NotEqual(CurrentId(), made.Run(CurrentId));
    }

    [Fact]
    public void The_calling_thread_stays_where_it_was()
    {
        var before = CurrentId();
        using var made = NetworkNamespace.Create();
        made.Run(() => { });

        Assert.Equal(before, CurrentId());
    }

    [Fact]
    public void An_exception_inside_reaches_the_caller()
    {
        using var made = NetworkNamespace.Create();

        Assert.Throws<InnerException>(() => made.Run(() => throw new InnerException()));
    }

    [Fact]
    public void Its_path_opens_the_same_namespace()
    {
        using var made = NetworkNamespace.Create();
        using var again = NetworkNamespace.Open(made.Path);

        Assert.Equal(made.Run(CurrentId), again.Run(CurrentId));
    }

    [Fact]
    public void A_process_started_inside_lives_in_it()
    {
        using var made = NetworkNamespace.Create();
        var output = made.Run(() =>
        {
            var start = new ProcessStartInfo("readlink") { RedirectStandardOutput = true };
            start.ArgumentList.Add("/proc/self/ns/net");
            using var process = Process.Start(start)!;
            var text = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return text.Trim();
        });

        Assert.Equal(made.Run(CurrentId), output);
    }

    private static string CurrentId() => new FileInfo("/proc/thread-self/ns/net").LinkTarget!;

    private sealed class InnerException : Exception;
}
