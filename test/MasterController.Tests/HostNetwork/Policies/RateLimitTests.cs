using MasterController.Core.HostNetwork.Policies;
using MasterController.Linux.Nftables;
using Xunit;

namespace MasterController.Tests.HostNetwork.Policies;

public sealed class RateLimitTests
{
    public static TheoryData<RateLimit, string, string> Bad =>
        new()
        {
            { new RateLimit(OutBytesPerSecond: 999), "outBytesPerSecond", "999 is not 1000 to 1000000000000" },
            { new RateLimit(InBytesPerSecond: 1_000_000_000_001), "inBytesPerSecond", "1000000000001 is not" },
            { new RateLimit(OutBytesPerSecond: 1_000, OutBurstBytes: 65_535), "outBurstBytes", "65535 is not 65536" },
            { new RateLimit(InBytesPerSecond: 1_000, InBurstBytes: 1L << 32), "inBurstBytes", "4294967296 is not" },
            { new RateLimit(OutPacketsPerSecond: 0), "outPacketsPerSecond", "0 is not 1 to 1000000000" },
            { new RateLimit(InPacketsPerSecond: -1), "inPacketsPerSecond", "-1 is not 1 to 1000000000" },
            { new RateLimit(OutPacketsPerSecond: 1, OutBurstPackets: -1), "outBurstPackets", "-1 is not 0 to" },
            {
                new RateLimit(OutBurstBytes: 65_536),
                "outBurstBytes",
                "goes with outBytesPerSecond, which is not given"
            },
            { new RateLimit(OutBurstPackets: 1), "outBurstPackets", "goes with outPacketsPerSecond" },
            { new RateLimit(InBurstBytes: 65_536), "inBurstBytes", "goes with inBytesPerSecond" },
            { new RateLimit(InBurstPackets: 1), "inBurstPackets", "goes with inPacketsPerSecond" },
        };

    [Theory]
    [MemberData(nameof(Bad))]
    public void What_is_not_possible_is_refused_with_field_and_value(RateLimit limit, string field, string problem)
    {
        var refused = new Dictionary<string, string>();

        Assert.False(limit.Check(refused.Add));
        Assert.Equal([field], refused.Keys);
        Assert.Contains(problem, refused[field]);
    }

    [Fact]
    public void Each_thing_that_is_limited_has_a_bucket_of_its_own()
    {
        var limit = new RateLimit(1_000_000, 100_000, 500, 50, null, null, 7);

        Assert.True(limit.Check((_, _) => Assert.Fail()));
        Assert.Equal(
            [
                new NftLimit(1_000_000, 100_000, CountsBytes: true),
                new NftLimit(500, 550, CountsBytes: false),
                null,
                new NftLimit(7, 7, CountsBytes: false),
            ],
            LimitedGuests.Sets.Where(set => !set.IsIpv6).Select(set => LimitedGuests.Of(limit, set.Name))
        );
        Assert.All(LimitedGuests.Sets, set => Assert.Null(LimitedGuests.Of(null, set.Name)));
        // The same for each family, in a bucket of its own.
        Assert.All(
            LimitedGuests.Sets.Where(set => set.IsIpv6),
            set => Assert.Equal(LimitedGuests.Of(limit, set.Name.TrimEnd('6')), LimitedGuests.Of(limit, set.Name))
        );
        Assert.True(new RateLimit().IsNone);
        Assert.False(limit.IsNone);
    }
}
