using MasterController.Core.HostNetwork;
using MasterController.Linux.Addresses;
using Xunit;

namespace MasterController.Tests.HostNetwork;

public sealed class NoHostNetworkTests
{
    private static readonly Attachment First = new(Ipv4Address.Parse("192.168.100.2"), null, 0);

    [Fact]
    public async Task Nothing_can_be_attached_and_everything_else_is_nothing_to_do()
    {
        await using var network = new NoHostNetwork();
        var cancellation = TestContext.Current.CancellationToken;

        Assert.False(network.CanAttach);
        Assert.Null(network.Uplink);
        Assert.Empty(await network.TakeOverAsync(new DesiredNetwork([], [First]), cancellation));
        await network.DetachAsync(First, cancellation);
        await Assert.ThrowsAsync<HostNetworkException>(() => network.AttachAsync(First, cancellation));
        await Assert.ThrowsAsync<HostNetworkException>(() => network.OpenTapAsync(First, cancellation));
    }
}
