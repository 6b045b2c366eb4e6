using CsCheck;
using MasterController.Core.HostNetwork;
using MasterController.Core.HostNetwork.Advertisements;
using MasterController.Core.HostNetwork.Dedicated;
using MasterController.Linux.Addresses;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace MasterController.Tests.HostNetwork.Advertisements;

/// <summary>When guests are told of their router (RFC 4861, 6.2.4 and 6.2.6).</summary>
public sealed class AdvertisementScheduleTests
{
    private readonly FakeTimeProvider _clock = new();
    private double _random = 1;

    private static readonly Attachment A = Of("192.168.100.2", "2001:db8:1250::fc:c0ff:fea8:6402");
    private static readonly Attachment B = Of("192.168.100.3", "2001:db8:1250::fc:c0ff:fea8:6403");

    private AdvertisementSchedule Schedule => field ??= new AdvertisementSchedule(_clock, () => _random);

    [Fact]
    public void A_new_guest_is_told_three_times_within_16_seconds_each_and_then_at_longer_pauses()
    {
        Schedule.Put(A);

        Assert.Equal([0.5, 16.5, 32.5, 232.5, 432.5], ToldWithin(seconds: 600));

        _random = 0;
        Assert.Equal([632.5, 698.5, 764.5], ToldWithin(seconds: 200));
    }

    [Fact]
    public void Pauses_between_those_that_nobody_asked_for_are_a_third_of_the_longest_at_least() =>
        Gen.Double[0, 1]
            .List[8]
            .Sample(numbers =>
            {
                var clock = new FakeTimeProvider();
                var next = 0;
                var schedule = new AdvertisementSchedule(clock, () => numbers[next++ % numbers.Count]);
                schedule.Put(A);
                clock.Advance(schedule.NextIn!.Value);
                for (var i = 0; i < 6; i++)
                {
                    Assert.Single(schedule.Take());
                    var pause = schedule.NextIn!.Value;
                    if (i < 2)
                        Assert.Equal(TimeSpan.FromSeconds(16), pause);
                    else
                        Assert.InRange(pause, TimeSpan.FromSeconds(66), TimeSpan.FromSeconds(200));
                    clock.Advance(pause);
                }
            });

    [Fact]
    public void One_that_asks_is_answered_within_half_a_second()
    {
        Schedule.Put(A);
        ToldWithin(seconds: 100);

        Schedule.Solicit(A.Address);

        Assert.Equal(TimeSpan.FromSeconds(0.5), Schedule.NextIn);
        Assert.Equal([100.5], ToldWithin(seconds: 10));
    }

    [Fact]
    public void One_that_asks_without_end_is_answered_every_three_seconds()
    {
        Schedule.Put(A);
        ToldWithin(seconds: 100);

        var told = new List<double>();
        for (var i = 0; i < 1000; i++)
        {
            Schedule.Solicit(A.Address);
            told.AddRange(ToldWithin(seconds: 0.01));
        }

        Assert.Equal([100.5, 103.5, 106.5, 109.5], told.Select(at => Math.Round(at, 1)));
    }

    [Fact]
    public void Who_wants_nothing_and_whoever_is_gone_is_told_nothing()
    {
        Schedule.Put(A);
        Schedule.Put(B);
        Assert.Equal(B, Schedule.Remove(B.Address));
        Assert.Null(Schedule.Remove(B.Address));
        Schedule.Solicit(B.Address);

        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal([A], Schedule.Take());
        Assert.Equal(A, Schedule.Remove(A.Address));
        Assert.Null(Schedule.NextIn);
        Assert.False(AdvertisementSchedule.Wants(A with { AdvertisesRouter = false }));
        Assert.False(AdvertisementSchedule.Wants(A with { External = null }));
        Assert.False(AdvertisementSchedule.Wants(A with { Mode = NetworkMode.Bridge }));
        // It would make itself another one.
        Assert.False(AdvertisementSchedule.Wants(Of("192.168.100.2", "2001:db8:1250::100:2")));
        Assert.True(AdvertisementSchedule.Wants(A));
    }

    [Fact]
    public void One_that_is_told_of_again_keeps_its_turn_unless_something_is_new()
    {
        Schedule.Put(A);
        ToldWithin(seconds: 100);

        Schedule.Put(A with { RateLimit = null });
        Assert.Equal(TimeSpan.FromSeconds(132.5), Schedule.NextIn);

        Schedule.Put(A with { AdvertisedResolvers = [Ipv6Address.Parse("2001:db8::53")] });
        Assert.Equal(TimeSpan.FromSeconds(0.5), Schedule.NextIn);
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Single(Assert.Single(Schedule.Take()).AdvertisedResolvers);
    }

    // In steps of 10 ms: when, since the test began.
    private List<double> ToldWithin(double seconds)
    {
        List<double> told = [];
        for (var step = 0; step < seconds * 100; step++)
        {
            _clock.Advance(TimeSpan.FromMilliseconds(10));
            if (Schedule.Take().Count > 0)
                told.Add((_clock.GetUtcNow() - _clock.Start).TotalSeconds);
        }
        return told;
    }

    private static Attachment Of(string address, string ipv6) =>
        new(Ipv4Address.Parse(address), null, 0)
        {
            AdvertisesRouter = true,
            External = ExternalAccess.None with { Ipv6 = Ipv6Address.Parse(ipv6) },
        };
}
