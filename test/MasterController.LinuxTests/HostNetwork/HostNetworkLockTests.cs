using MasterController.Core.HostNetwork;
using MasterController.Linux.Namespaces;
using Xunit;

namespace MasterController.LinuxTests.HostNetwork;

public sealed class HostNetworkLockTests
{
    [Fact]
    public void A_second_controller_is_refused_and_told_who_holds_the_lock()
    {
        using var space = NetworkNamespace.Create();
        var first = Assert.IsType<HostNetworkLockResult.Acquired>(HostNetworkLock.TryAcquire(space.Path));
        using var held = first.Lock;

        var second = Assert.IsType<HostNetworkLockResult.Held>(HostNetworkLock.TryAcquire(space.Path));

        Assert.StartsWith($"process {Environment.ProcessId} (", second.Holder);
        Assert.Contains(Path.GetFileName(Environment.ProcessPath!), second.Holder);
    }

    [Fact]
    public async Task A_released_lock_can_be_taken_again()
    {
        using var space = NetworkNamespace.Create();
        Assert.IsType<HostNetworkLockResult.Acquired>(HostNetworkLock.TryAcquire(space.Path)).Lock.Dispose();

        var again = HostNetworkLock.TryAcquire(space.Path);
        // A process that another test starts has all descriptors of this one until it is another program.
        for (var tries = 0; again is HostNetworkLockResult.Held && tries < 100; tries++)
        {
            await Task.Delay(10, TestContext.Current.CancellationToken);
            again = HostNetworkLock.TryAcquire(space.Path);
        }
        Assert.IsType<HostNetworkLockResult.Acquired>(again).Lock.Dispose();
    }

    [Fact]
    public void Two_namespaces_are_two_host_networks()
    {
        using var one = NetworkNamespace.Create();
        using var two = NetworkNamespace.Create();
        using var first = Assert.IsType<HostNetworkLockResult.Acquired>(HostNetworkLock.TryAcquire(one.Path)).Lock;
        using var second = Assert.IsType<HostNetworkLockResult.Acquired>(HostNetworkLock.TryAcquire(two.Path)).Lock;

        Assert.NotSame(first, second);
    }
}
