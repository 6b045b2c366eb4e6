using System.Diagnostics;
using System.Net.Sockets;
using MasterController.Linux.Sockets;

namespace MasterController.LinuxTests.Sockets;

/// <summary>Programs of other users and groups at the other end of a real socket.</summary>
public sealed class PeerCredentialsTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("mc-peer-");

    private string Path => System.IO.Path.Combine(_directory.FullName, "s");

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public async Task The_kernel_says_who_has_connected()
    {
        var peer = await PeerAsync("--reuid=4711", "--regid=4712", "--groups=4713,4714");
        Assert.Equal((4711u, 4712u), (peer.Uid, peer.Gid));
        Assert.Equal([4713u, 4714u], peer.Groups);
        Assert.True(peer.IsIn(4712));
        Assert.True(peer.IsIn(4714));
        Assert.False(peer.IsIn(4711));
    }

    [Fact]
    public async Task Without_supplementary_groups_there_are_none()
    {
        var peer = await PeerAsync("--reuid=4711", "--regid=4712", "--clear-groups");
        Assert.Empty(peer.Groups);
    }

    [Fact]
    public async Task More_groups_than_usual_are_all_read()
    {
        var groups = string.Join(',', Enumerable.Range(10_000, 500));
        var peer = await PeerAsync("--reuid=4711", "--regid=4712", $"--groups={groups}");
        Assert.Equal(500, peer.Groups.Count);
        Assert.True(peer.IsIn(10_499));
    }

    /// <param name="identity">As setpriv(1) takes it.</param>
    private async Task<PeerCredentials> PeerAsync(params string[] identity)
    {
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(Path));
        listener.Listen();
        File.SetUnixFileMode(Path, (UnixFileMode)Convert.ToInt32("666", 8));
        File.SetUnixFileMode(_directory.FullName, (UnixFileMode)Convert.ToInt32("755", 8));
        // curl says nothing before it is answered, and waits.
        using var process = Process.Start(
            new ProcessStartInfo(
                "setpriv",
                [.. identity, "curl", "--silent", "--unix-socket", Path, "http://localhost/"]
            )
        )!;
        using var accepted = await listener.AcceptAsync(TestContext.Current.CancellationToken);
        try
        {
            return PeerCredentials.Of(accepted);
        }
        finally
        {
            process.Kill();
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            File.Delete(Path);
        }
    }
}
