using MasterController.Bench.Reports;
using MasterController.Bench.Subjects.Networks;

namespace MasterController.Bench.Measurements.Networks;

/// <summary>
/// What the rules cost each packet of an attachment: the same frames through the same TAP with our nftables table and
/// without it, in turns. IPv4 alone: TAPs have no IPv6.
/// </summary>
internal static class Traffic
{
    private const int Rounds = 7;
    private const int Frames = 102_400;
    private const int Pings = 2_000;

    /// <summary>The IP packet of a small request, and the largest of an Ethernet frame; bytes.</summary>
    private const int Small = 64;
    private const int Large = 1_500;

    public static async Task RunAsync(Workplace workplace, Findings findings)
    {
        await using var wire = await Wire.MakeAsync(workplace.NewFile("wire", "rules.v4"));
        var (with, policy, without) = (new Turns(), new Turns(), new Turns());
        for (var round = -1; round < Rounds; round++)
        {
            await wire.WithRulesAsync(policy: null);
            with.Add(wire, isMeasured: round >= 0);
            await wire.WithRulesAsync(Places.Policy);
            policy.Add(wire, isMeasured: round >= 0);
            await wire.WithoutRulesAsync();
            without.Add(wire, isMeasured: round >= 0);
        }
        var (ours, own, none) = (with.All, policy.All, without.All);
        for (var i = 0; i < none.Count; i++)
        {
            var (name, unit, values) = none[i];
            var bare = findings.Add(Figure.Of($"{name}: no rules", unit, values));
            findings.Compare(findings.Add(Figure.Of($"{name}: our rules", unit, ours[i].Values)), bare);
            findings.Compare(findings.Add(Figure.Of($"{name}: and a policy", unit, own[i].Values)), bare);
        }
    }

    private sealed class Turns
    {
        private readonly List<double> _smallOut = [];
        private readonly List<double> _largeOut = [];
        private readonly List<double> _smallIn = [];
        private readonly List<double> _largeIn = [];
        private readonly List<double> _median = [];
        private readonly List<double> _late = [];

        public IReadOnlyList<(string Name, string Unit, List<double> Values)> All =>
            [
                ("out, packets of 64 bytes", "/s", _smallOut),
                ("out, packets of 1,500 bytes", "MB/s", _largeOut),
                ("in, packets of 64 bytes", "/s", _smallIn),
                ("in, packets of 1,500 bytes", "MB/s", _largeIn),
                ("echo out and back, p50", "µs", _median),
                ("echo out and back, p99", "µs", _late),
            ];

        public void Add(Wire wire, bool isMeasured)
        {
            var (smallOut, largeOut) = (wire.Out(Frames, Small), wire.Out(Frames, Large));
            var (smallIn, largeIn) = (wire.In(Frames, Small), wire.In(Frames, Large));
            double[] pings = [.. wire.Ping(Pings).Select(t => t.TotalMicroseconds).Order()];
            if (!isMeasured)
                return;
            _smallOut.Add(smallOut);
            _largeOut.Add(largeOut * Large / 1e6);
            _smallIn.Add(smallIn);
            _largeIn.Add(largeIn * Large / 1e6);
            _median.Add(Figure.Rank(pings, 0.5));
            _late.Add(Figure.Rank(pings, 0.99));
        }
    }
}
