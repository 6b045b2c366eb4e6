using MasterController.Core.AddressHistory;
using MasterController.Core.Addressing;
using MasterController.Linux.Addresses;
using MasterController.Tests.Addressing;
using Xunit;

namespace MasterController.Tests.AddressHistory;

public sealed class AddressStandingTests
{
    private static readonly PoolDefinition _pool = new(
        "default",
        [
            PoolFixture.Range("10.0.0.0/24", "10.0.0.64/28") with
            {
                First = Ipv4Address.Parse("10.0.0.10"),
            },
            PoolFixture.Range("192.0.2.0/31"),
            PoolFixture.Range("198.51.100.7/32"),
        ],
        TimeSpan.Zero,
        AllocationStrategy.LowestFree,
        AllowVmToVm: false,
        Version: 1,
        AllowEarlyReuse: false,
        [PoolFixture.Kept("10.0.0.200", "10.0.0.192/26"), PoolFixture.Kept("172.16.0.1", "172.16.0.0/24")],
        [PoolFixture.Drain("10.0.0.100", "10.0.0.109"), PoolFixture.Drain("10.0.0.70", "10.0.0.90")]
    );

    [Theory]
    [InlineData("10.0.0.10", AddressState.Free, null)]
    [InlineData("10.0.0.254", AddressState.Free, null)]
    [InlineData("192.0.2.0", AddressState.Free, null)]
    [InlineData("192.0.2.1", AddressState.Free, null)]
    [InlineData("198.51.100.7", AddressState.Free, null)]
    [InlineData("10.0.0.1", AddressState.Gateway, "it is the gateway of 10.0.0.0/24")]
    [InlineData("10.0.0.200", AddressState.KeptGateway, "it was the gateway of 10.0.0.192/26 and guests still use it")]
    [InlineData("172.16.0.1", AddressState.KeptGateway, "it was the gateway of 172.16.0.0/24 and guests still use it")]
    [InlineData("10.0.0.64", AddressState.Reserved, "it is in the reservation 10.0.0.64/28")]
    [InlineData("10.0.0.79", AddressState.Reserved, "it is in the reservation 10.0.0.64/28")]
    [InlineData("10.0.0.80", AddressState.Draining, "it is being drained")]
    [InlineData("10.0.0.109", AddressState.Draining, "it is being drained")]
    [InlineData("10.0.0.0", AddressState.Network, "it is the network address of 10.0.0.0/24")]
    [InlineData("10.0.0.255", AddressState.Broadcast, "it is the broadcast address of 10.0.0.0/24")]
    [InlineData("10.0.0.9", AddressState.OutsideRange, "of 10.0.0.0/24 only 10.0.0.10–10.0.0.254 are leased")]
    [InlineData("10.0.1.9", AddressState.OutsidePools, "it is in the network of no pool")]
    [InlineData("255.255.255.255", AddressState.OutsidePools, "it is in the network of no pool")]
    public void A_definition_says_what_an_address_is_and_why(string address, AddressState state, string? reason) =>
        Assert.Equal((state, reason), Of(address));

    [Theory]
    [InlineData("10.0.0.1")]
    [InlineData("10.0.0.200")]
    [InlineData("10.0.0.70")]
    [InlineData("10.0.0.100")]
    public async Task The_reason_is_that_of_a_refusal(string address)
    {
        using var pool = PoolFixture.Empty();
        await pool.CreateAsync(new PoolRequest(PoolFixture.Pool, [new RangeRequest("10.0.0.0/24")]));
        await pool.RedefineAsync(p => _pool with { Name = p.Name, Version = p.Version });
        var refused = Assert.IsType<LeaseOutcome.Reserved>(await pool.TryLeaseAsync("a", address));
        Assert.Equal(refused.Reason, Of(address).Reason);
    }

    private static (AddressState State, string? Reason) Of(string address)
    {
        var standing = AddressStanding.Of(_pool, Ipv4Address.Parse(address));
        return (standing.State, standing.Reason);
    }
}
