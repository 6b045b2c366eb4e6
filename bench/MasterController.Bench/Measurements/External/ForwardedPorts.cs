using MasterController.Bench.Reports;
using MasterController.Bench.Subjects.External;

namespace MasterController.Bench.Measurements.External;

/// <summary>What a port costs that leads to a guest, with few and with very many others: to find it, and to change it.</summary>
internal static class ForwardedPorts
{
    private const int Rounds = 7;
    private const int PacketRounds = 100;
    private const int Changes = 50;
    private const int Few = 0;
    private const int Many = 50_000;

    private static readonly Goal _lookUpGoal = new(AtLeast: 0.9);
    private static readonly Goal _changeGoal = new(AtMost: 1.2);

    public static async Task RunAsync(Workplace workplace, Findings findings)
    {
        await using var wire = await ForwardedWire.MakeAsync(workplace.NewFile("forwards", "rules.v4"));
        var (few, many) = (new Turns(), new Turns());
        for (var round = -1; round < Rounds; round++)
        {
            await wire.PresentAsync(Few);
            await few.AddAsync(wire, isMeasured: round >= 0);
            await wire.PresentAsync(Many);
            await many.AddAsync(wire, isMeasured: round >= 0);
        }
        Compare("first packet of a conversation", "/s", turns => turns.Packets, _lookUpGoal);
        Compare("add a forward", "ms", turns => turns.Added, _changeGoal);
        Compare("remove a forward", "ms", turns => turns.Removed, _changeGoal);

        void Compare(string what, string unit, Func<Turns, List<double>> values, Goal goal) =>
            findings.Compare(
                findings.Add(Figure.Of($"{what}: {Many:N0} others", unit, values(many))),
                findings.Add(Figure.Of($"{what}: no others", unit, values(few))),
                goal
            );
    }

    private sealed class Turns
    {
        public List<double> Packets { get; } = [];

        public List<double> Added { get; } = [];

        public List<double> Removed { get; } = [];

        public async Task AddAsync(ForwardedWire wire, bool isMeasured)
        {
            var packets = wire.FirstPackets(PacketRounds);
            List<(TimeSpan Add, TimeSpan Remove)> changes = [];
            for (var i = 0; i < Changes; i++)
                changes.Add(await wire.OneMoreAsync());
            if (!isMeasured)
                return;
            Packets.Add(packets);
            Added.AddRange(changes.Select(change => change.Add.TotalMilliseconds));
            Removed.AddRange(changes.Select(change => change.Remove.TotalMilliseconds));
        }
    }
}
