using MasterController.Core.Addressing;
using MasterController.Core.HostNetwork.Drift;
using MasterController.Core.Statistics;
using MasterController.Core.Utilisation;
using MasterController.Core.Vms;
using MasterController.Tests.Vms;
using Xunit;

namespace MasterController.Tests.Statistics;

public sealed class AlertRulesTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 4, 5, 6, 7, TimeSpan.Zero);
    private static readonly NetworkHealth Well = new(null, Now, null, []);

    private static readonly AlertFacts Facts = new(
        Now,
        [],
        UtilisationSettings.Default.WarnPercent,
        VmCensus.Of([]),
        Well,
        Now.AddHours(-1),
        TimeSpan.FromMilliseconds(2)
    );

    [Fact]
    public void Where_all_is_well_there_is_none() => Assert.Empty(AlertRules.Of(Facts));

    [Theory]
    [InlineData(199, null, null)]
    [InlineData(200, AlertSeverity.Warning, "80 % are reached")]
    [InlineData(237, AlertSeverity.Warning, "80 % are reached")]
    [InlineData(238, AlertSeverity.Critical, "95 % are reached")]
    [InlineData(250, AlertSeverity.Critical, "0 are free")]
    public void A_pool_is_told_of_from_its_thresholds_on(long used, AlertSeverity? severity, string? part)
    {
        var counts = new PoolCounts(260, used, 0, 10, 250 - used);

        var alerts = AlertRules.Of(Facts with { Pools = [new PoolFacts("default", counts, [])] });

        Assert.Equal(severity, alerts.FirstOrDefault()?.Severity);
        if (part is not null)
        {
            var alert = Assert.Single(alerts);
            Assert.Equal((Alert.PoolThreshold, "default"), (alert.Code, alert.Subject));
            Assert.Contains($"{used} of 250 addresses", alert.Message);
            Assert.Contains(part, alert.Message);
            Assert.Equal("mctl pool expand default CIDR --plan", alert.Fix);
        }
    }

    [Theory]
    [InlineData(1, 23, true)]
    [InlineData(24, 23, true)]
    [InlineData(24, 25, false)]
    [InlineData(168, 5, false)]
    public void A_pool_that_is_full_within_a_day_is_told_of(int window, int hours, bool isTold)
    {
        var forecast = new Forecast(TimeSpan.FromHours(window), new ForecastOutcome.FullAt(12, Now.AddHours(hours)));
        var counts = new PoolCounts(253, 100, 0, 0, 153);

        var alerts = AlertRules.Of(Facts with { Pools = [new PoolFacts("p", counts, [forecast])] });

        Assert.Equal(isTold ? [Alert.PoolFullSoon] : [], alerts.Select(a => a.Code));
        if (isTold)
            Assert.StartsWith(
                $"full in {hours} h at the rate of the last {(window == 1 ? "hour" : "day")} (+12 an hour)",
                alerts[0].Message
            );
    }

    [Fact]
    public void Failed_vms_are_counted()
    {
        var vms = VmCensus.Of([
            TestVms.Record("vm-1", status: VmStatus.Failed),
            TestVms.Record("vm-2"),
            TestVms.Record("vm-3", status: VmStatus.Failed),
        ]);

        var alert = Assert.Single(AlertRules.Of(Facts with { Vms = vms }));

        Assert.Equal((Alert.VmsFailed, "2 of 3 VMs failed"), (alert.Code, alert.Message));
    }

    [Fact]
    public void Drift_is_told_of_when_it_lasts_and_when_it_could_not_be_repaired()
    {
        var young = Entry("young", 4, DriftState.Seen);
        var old = Entry("old", 6, DriftState.Seen);
        var failed = Entry("stuck", 1, DriftState.Failed) with { Failure = "EPERM" };

        var alerts = AlertRules.Of(Facts with { Network = Well with { Open = [young, old, failed] } });

        Assert.Equal(
            [(AlertSeverity.Critical, "route stuck"), (AlertSeverity.Warning, "route old")],
            alerts.Select(a => (a.Severity, a.Subject))
        );
        Assert.EndsWith("EPERM", alerts[0].Message);
        Assert.All(alerts, a => Assert.Equal((Alert.Drift, "mctl net drift"), (a.Code, a.Fix)));
    }

    [Fact]
    public void A_comparison_that_failed_or_is_long_ago_is_told_of()
    {
        var failed = AlertRules.Of(Facts with { Network = Well with { Failure = "no memory" } });
        var old = AlertRules.Of(Facts with { Network = Well with { LastAt = Now.AddMinutes(-6) } });
        var never = AlertRules.Of(Facts with { Network = Well with { LastAt = null } });
        var justStarted = AlertRules.Of(
            Facts with
            {
                Network = Well with { LastAt = null },
                WatchedSince = Now.AddMinutes(-1),
            }
        );
        var none = AlertRules.Of(Facts with { Network = Well with { LastAt = null }, WatchedSince = null });

        Assert.All([failed, old, never], a => Assert.Equal(Alert.ReconcileStale, Assert.Single(a).Code));
        Assert.Contains("no memory", failed[0].Message);
        Assert.Contains("6 min ago", old[0].Message);
        Assert.Contains("60 min ago", never[0].Message);
        Assert.Empty(justStarted);
        Assert.Empty(none);
    }

    [Fact]
    public void Slow_commits_are_told_of()
    {
        var alert = Assert.Single(AlertRules.Of(Facts with { CommitPercentile = TimeSpan.FromMilliseconds(250) }));

        Assert.Equal((Alert.StoreSlow, "mctl doctor"), (alert.Code, alert.Fix));
        Assert.Contains("250 ms", alert.Message);
    }

    private static DriftEntry Entry(string name, int minutes, DriftState state) =>
        new(
            new Difference(DriftObject.Route, name, "there", "missing"),
            Now.AddMinutes(-minutes),
            Observations: 2,
            state
        );
}
