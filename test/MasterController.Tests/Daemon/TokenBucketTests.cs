using System.Net;
using MasterController.Daemon.Access;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace MasterController.Tests.Daemon;

public sealed class TokenBucketTests
{
    private readonly FakeTimeProvider _clock = new();

    [Fact]
    public void So_many_pass_at_once_and_then_one_each_interval()
    {
        var bucket = new TokenBucket(3, TimeSpan.FromSeconds(2), _clock);
        for (var i = 0; i < 3; i++)
            Assert.Null(bucket.TryTake());
        Assert.Equal(2, bucket.TryTake()!.Value.TotalSeconds, 3);
        _clock.Advance(TimeSpan.FromSeconds(1.5));
        Assert.Equal(0.5, bucket.TryTake()!.Value.TotalSeconds, 3);
        _clock.Advance(TimeSpan.FromSeconds(0.5));
        Assert.Null(bucket.TryTake());
        Assert.False(bucket.IsFull);
        _clock.Advance(TimeSpan.FromDays(1));
        Assert.True(bucket.IsFull);
        for (var i = 0; i < 3; i++)
            Assert.Null(bucket.TryTake());
        Assert.NotNull(bucket.TryTake());
    }

    [Fact]
    public void Addresses_of_one_64_share_and_those_of_others_do_not()
    {
        var limits = new RequestLimits(() => new RequestRates(1, 1), _clock);
        for (var i = 0; i < 10; i++)
            Assert.Null(limits.TryFail(IPAddress.Parse($"2001:db8::{i:x}")));
        Assert.NotNull(limits.TryFail(IPAddress.Parse("2001:db8::ffff")));
        Assert.Null(limits.TryFail(IPAddress.Parse("2001:db8:0:1::1")));
        for (var i = 0; i < 10; i++)
            Assert.Null(limits.TryFail(IPAddress.Parse("192.0.2.1")));
        Assert.NotNull(limits.TryFail(IPAddress.Parse("::ffff:192.0.2.1")));
        Assert.Null(limits.TryFail(IPAddress.Parse("192.0.2.2")));
        Assert.Null(limits.TryFail(address: null));
    }

    [Fact]
    public void The_table_does_not_grow_without_end_and_new_rates_hold_at_once()
    {
        var rates = new RequestRates(1, 1);
        var limits = new RequestLimits(() => rates, _clock);
        for (var i = 0; i < 10_000; i++)
            Assert.Null(limits.TryFail(new IPAddress([10, 0, (byte)(i >> 8), (byte)i])));
        var caller = new Caller("key:a", Role.Viewer, Scope.Everything, ExpiresAt: null, IsLimited: true);
        Assert.Null(limits.TryTake(caller));
        Assert.NotNull(limits.TryTake(caller));
        rates = new RequestRates(1, 2);
        Assert.Null(limits.TryTake(caller));
        rates = new RequestRates(0, 1);
        for (var i = 0; i < 100; i++)
            Assert.Null(limits.TryTake(caller));
    }
}
