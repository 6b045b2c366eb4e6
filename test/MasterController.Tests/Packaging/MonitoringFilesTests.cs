using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using MasterController.Core.Operations;
using MasterController.Core.Statistics;
using MasterController.Core.Store;
using MasterController.Core.Utilisation;
using MasterController.Core.Vms;
using MasterController.Daemon.Telemetry;
using MasterController.Linux.Netlink;
using MasterController.Tests.Addressing;
using MasterController.Tests.HostNetwork.Drift;
using MasterController.Tests.Telemetry;
using Xunit;

namespace MasterController.Tests.Packaging;

/// <summary>The dashboard and the rules name what is exported, and the rules say what the controller itself says.</summary>
[Collection(nameof(MetricsCollection))]
public sealed partial class MonitoringFilesTests
{
    private const string Rules = "prometheus/master-controller.rules.yml";

    /// <summary>What histograms are exported as.</summary>
    private static readonly string[] _suffixes = ["_bucket", "_sum", "_count"];

    [Fact]
    public async Task The_dashboard_is_json_and_names_only_what_is_exported()
    {
        var exported = await ExportedAsync();
        var dashboard = JsonNode.Parse(File.ReadAllText(PathOf("grafana/master-controller.json")))!;
        string[] expressions =
        [
            .. dashboard["panels"]!
                .AsArray()
                .SelectMany(p => p!["targets"]?.AsArray() ?? [])
                .Select(t => (string)t!["expr"]!),
        ];
        var variables = dashboard["templating"]!["list"]!.AsArray();

        Assert.True(expressions.Length > 25);
        Assert.Equal(["datasource", "instance", "pool"], variables.Select(v => (string)v!["name"]!));
        Assert.All(expressions, e => Assert.All(MetricsIn(e), name => Assert.Contains(name, exported)));
        Assert.All(
            variables.Skip(1).SelectMany(v => MetricsIn((string)v!["definition"]!)),
            name => Assert.Contains(name, exported)
        );
        // Nothing is exported that nobody can see.
        var shown = expressions.SelectMany(MetricsIn).ToHashSet();
        string[] notShown =
        [
            .. exported.Where(name =>
                !shown.Contains(name) && !_suffixes.Any(name.EndsWith) && !name.EndsWith("_info")
            ),
        ];
        Assert.Equal(
            ["master_controller_reconcile_failed", "master_controller_vm_traffic_packets_total"],
            notShown.Order()
        );
    }

    [Fact]
    public async Task The_rules_name_only_what_is_exported()
    {
        var exported = await ExportedAsync();

        foreach (var name in MetricsIn(File.ReadAllText(PathOf(Rules))))
            Assert.Contains(name, exported);
    }

    [Fact]
    public void The_rules_have_the_conditions_of_the_controller()
    {
        var rules = File.ReadAllText(PathOf(Rules));
        var (warn, critical) = (UtilisationSettings.Default.WarnPercent[0], UtilisationSettings.Default.WarnPercent[1]);

        Assert.Equal(AlertConditions.CriticalPercent, critical);
        Assert.Contains($"master_controller:pool_used:ratio >= 0.{warn} and", rules);
        Assert.Contains($"expr: master_controller:pool_used:ratio >= 0.{critical}\n", rules);
        Assert.Contains($"< {AlertConditions.FullSoon.TotalHours} * 3600", rules);
        Assert.Contains($"age_seconds > {AlertConditions.ReconcileStale.TotalSeconds} or", rules);
        Assert.Contains(
            $"[{AlertConditions.RecentCommits.TotalMinutes}m]))) > {AlertConditions.SlowCommit.TotalSeconds}\n",
            rules
        );
        Assert.Contains(
            $"sum by (instance, job, owner) (master_controller_drift) > 0\n        for: {AlertConditions.DriftLasts.TotalMinutes}m",
            rules
        );
        // Each says what to type.
        Assert.All(
            rules.Split("- alert: ").Skip(1),
            rule =>
            {
                Assert.Contains("summary: ", rule);
                Assert.Matches("description: .*mctl ", rule);
            }
        );
    }

    [Theory]
    [InlineData("check", "rules", Rules)]
    [InlineData("test", "rules", "prometheus/master-controller.rules.test.yml")]
    [InlineData("check", "config", "--syntax-only", "prometheus/scrape.example.yml")]
    public async Task Promtool_is_content(params string[] arguments)
    {
        Assert.SkipUnless(
            (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(d => File.Exists($"{d}/promtool")),
            "promtool is not installed"
        );
        arguments[^1] = PathOf(arguments[^1]);
        var start = new System.Diagnostics.ProcessStartInfo("promtool", arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = System.Diagnostics.Process.Start(start)!;
        var token = TestContext.Current.CancellationToken;
        var (output, errors) = (
            process.StandardOutput.ReadToEndAsync(token),
            process.StandardError.ReadToEndAsync(token)
        );
        await process.WaitForExitAsync(token);

        Assert.True(process.ExitCode == 0, $"{await output}\n{await errors}");
    }

    /// <summary>Under the names that a scrape has, whether there is anything to tell by now or not.</summary>
    private static async Task<IReadOnlySet<string>> ExportedAsync()
    {
        HashSet<string> names = [];
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, _) =>
            {
                if (!instrument.Meter.Name.StartsWith("MasterController.", StringComparison.Ordinal))
                    return;
                var type = instrument.GetType().GetGenericTypeDefinition();
                if (type == typeof(Histogram<>))
                    names.UnionWith(_suffixes.Select(s => instrument.Name + s));
                else if (type == typeof(Counter<>) || type == typeof(ObservableCounter<>))
                    names.Add(instrument.Name + "_total");
                else
                    names.Add(instrument.Name);
            },
        };
        listener.Start();
        foreach (
            var type in new[]
            {
                typeof(OperationMetrics),
                typeof(CommitLatency),
                typeof(ApiMetrics),
                typeof(VmMetrics),
                typeof(NetlinkMetrics),
            }
        )
            RuntimeHelpers.RunClassConstructor(type.TypeHandle);
        using var pool = await PoolFixture.WithAsync("10.0.0.0/24");
        await using var metrics = await MetricsUnderTest.StartAsync(pool, new ScriptedNetwork(pool.Clock), []);
        // The exporter's own names have to be these.
        Assert.Subset(names, (await metrics.ScrapeAsync()).Names.ToHashSet());
        return names;
    }

    private static IEnumerable<string> MetricsIn(string text) => Metric.Matches(text).Select(m => m.Value).Distinct();

    private static string PathOf(string file)
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (directory is not null && !File.Exists(Path.Combine(directory.FullName, "MasterController.slnx")))
            directory = directory.Parent;
        return Path.Combine(directory!.FullName, "packaging", file);
    }

    // Recorded ones have a colon.
    [GeneratedRegex("master_controller_[a-z0-9_]+")]
    private static partial Regex Metric { get; }
}
