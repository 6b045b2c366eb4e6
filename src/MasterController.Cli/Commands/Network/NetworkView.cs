using MasterController.Cli.Api;
using MasterController.Cli.Terminal;
using MasterController.Contracts;

namespace MasterController.Cli.Commands.Network;

/// <summary>How the host network looks on the terminal.</summary>
internal static class NetworkView
{
    /// <summary>The owner of what is the controller's own.</summary>
    public const string Ours = "ours";

    public static void Print(Session session, NetworkStatus status) =>
        session.Print(
            status,
            CliJson.Wire.NetworkStatus,
            [status.Mode],
            () =>
            {
                var ink = session.Terminal.OutInk;
                var now = session.Terminal.Time.GetUtcNow();
                var fields = new FieldWriter()
                    .Add("Mode", status.Mode)
                    .Add("Uplink", status.Uplink ?? "none: guests reach the host alone");
                foreach (var network in status.Networks)
                {
                    fields.Add("Network", Text(network));
                }

                fields
                    .Add("Attachments", status.Observation is { } seen ? Text(seen) : null)
                    .Add("Compared", status.Observation is { } last ? Text(last, now) : "not yet")
                    .Add("Error", status.Error, ink.Red)
                    .Add("Drift", Text(status.Drift), status.Drift is { Ours: 0, Foreign: 0 } ? ink.Green : ink.Yellow);
                foreach (var limit in status.Limits)
                {
                    fields.Add("Limit", $"{limit.Message}\nfix: {limit.Fix}", ink.Yellow);
                }

                fields.Write(session.Out, ink);
                if (status.Drift is not { Ours: 0, Foreign: 0 })
                {
                    session.Note("see what differs: mctl net drift");
                }
            }
        );

    public static void Print(Session session, NetworkDriftList drift, bool history) =>
        session.Print(
            drift,
            CliJson.Wire.NetworkDriftList,
            drift.Items.Select(item => item.Name),
            () =>
            {
                if (drift.Items.Count == 0)
                {
                    session.Note(history ? "nothing differs, nor has" : "nothing differs; what did: --history");
                    return;
                }

                Draw(session, drift.Items);
                if (drift.Items.Count < drift.Total)
                {
                    session.Note(
                        $"the first {Readable.Count(drift.Items.Count)} of {Readable.Count(drift.Total)} shown"
                    );
                }
            }
        );

    /// <param name="commandToApply">What a plan's last line tells a person to type.</param>
    public static void Print(Session session, NetworkRepair repair, string commandToApply) =>
        session.Print(
            repair,
            CliJson.Wire.NetworkRepair,
            repair.Repaired.Select(item => item.Name),
            () =>
            {
                var ink = session.Terminal.OutInk;
                foreach (var change in repair.Changes)
                {
                    session.Out.Write($"{change.Text}\n    {ink.Dim(change.Command)}\n");
                }

                if (repair.Changes.Count < repair.ChangeCount)
                {
                    session.Out.Write($"and {Readable.Count(repair.ChangeCount - repair.Changes.Count)} more\n");
                }

                if (repair.Open.Count > 0 && !repair.Planned)
                {
                    session.Out.Write($"{(repair.Changes.Count > 0 ? "\n" : "")}{ink.Bold("Still different")}\n");
                    Draw(session, repair.Open);
                }

                session.Note(
                    (repair.Planned, repair.ChangeCount) switch
                    {
                        (true, 0) => "nothing of ours differs",
                        (true, _) => $"nothing has been changed; repair it: {commandToApply}",
                        _ => $"{Readable.Count(repair.RepairedCount)} repaired",
                    }
                );
            }
        );

    private static void Draw(Session session, IReadOnlyList<NetworkDrift> items)
    {
        var ink = session.Terminal.OutInk;
        var now = session.Terminal.Time.GetUtcNow();
        var table = new TableWriter("SINCE", "SEEN", "OBJECT", "NAME", "OWNER", "STATE", "EXPECTED", "FOUND");
        foreach (var item in items)
        {
            table.Add(
                Readable.Age(now - item.Since),
                $"{item.Observations}x",
                item.Object,
                item.Name,
                item.Owner,
                new Cell(item.State, Paint(ink, item)),
                item.Expected,
                item.Found + (item.By is { } by ? $" (last changed by {by})" : "")
            );
        }

        table.Write(session.Out, ink);
        foreach (var item in items.Where(item => (item.Failure ?? item.Advice) is not null).DistinctBy(Advice))
        {
            session.Out.Write($"{ink.Dim($"{item.Object} {item.Name}:")} {Advice(item)}\n");
        }
    }

    private static string Advice(NetworkDrift item) =>
        string.Join("; ", new[] { item.Failure, item.Advice }.Where(text => text is not null));

    private static Func<string, string> Paint(Ink ink, NetworkDrift item) =>
        item.State switch
        {
            "failed" => ink.Red,
            "repaired" => ink.Green,
            "gone" => ink.Dim,
            _ => ink.Yellow,
        };

    private static string Text(NetworkPool network) =>
        $"{network.Cidr}  (gateway {string.Join(", ", network.Gateways)}"
        + $"{(network.AllowVmToVm ? ", VMs reach each other" : "")})";

    private static string Text(NetworkObserved seen) =>
        $"{Readable.Count(seen.Present)} of {Readable.Count(seen.Desired)} there";

    private static string Text(NetworkObserved seen, DateTimeOffset now) =>
        $"{Readable.Age(now - seen.At)} ago, in {Readable.Duration(TimeSpan.FromSeconds(seen.Seconds))}";

    private static string Text(DriftCounts drift) =>
        drift is { Ours: 0, Foreign: 0 }
            ? "none"
            : $"{Readable.Count(drift.Ours)} ours, {Readable.Count(drift.Foreign)} foreign";
}
