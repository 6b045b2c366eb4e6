using System.Globalization;
using MasterController.Cli.Api;
using MasterController.Cli.Terminal;
using MasterController.Contracts;

namespace MasterController.Cli.Commands.Addresses;

/// <summary>How what is known of an address looks on the terminal: the answer first, then what it stands on.</summary>
internal static class AddressView
{
    private const string Leased = "leased";
    private const string Cooling = "cooling";

    public static void Print(Session session, AddressInfo info) =>
        session.Print(
            info,
            CliJson.Wire.AddressInfo,
            info.Owner is null ? [] : [info.Owner],
            () =>
            {
                var ink = session.Terminal.OutInk;
                var now = session.Terminal.Time.GetUtcNow();
                session.Out.Write($"{Headline(ink, info.Address, info.State, info.Owner, info.Vm)}\n\n");
                var fields = new FieldWriter()
                    .Add("Reason", info.Reason)
                    .Add("Since", Since(info.Since, now))
                    .Add("Until", info.Until is { } until ? Readable.Time(until) : null)
                    .Add("Operation", info.OperationId)
                    .Add("Pool", info.Pool ?? "none")
                    .Add("Range", info.Range is { } range ? Text(range) : null)
                    .Add("Route", info.Kernel.Route ?? "none")
                    .Add("Neighbour", info.Kernel.Neighbour ?? "none");
                foreach (var entry in info.Kernel.Firewall)
                {
                    fields.Add("Firewall", entry);
                }

                fields.Add("Kernel", info.Kernel.Error, ink.Red);
                fields.Write(session.Out, ink);
            }
        );

    public static void Print(Session session, AddressHistoryList history) =>
        session.Print(
            history,
            CliJson.Wire.AddressHistoryList,
            history.Then is { } then
                ? then.Owner is { } owner
                    ? [owner]
                    : []
                : history.Items.Select(item => item.Owner).OfType<string>(),
            () =>
            {
                if (history.Then is { } moment)
                {
                    Draw(session, history.Address, moment);
                }

                Draw(session, history);
            }
        );

    private static void Draw(Session session, string address, AddressMoment moment)
    {
        var ink = session.Terminal.OutInk;
        session.Out.Write($"{Headline(ink, address, moment.State, moment.Owner, moment.Vm)}");
        session.Out.Write($" at {Readable.Time(moment.At)}\n\n");
        new FieldWriter()
            .Add("Reason", moment.Reason)
            .Add("Since", moment.Since is { } since ? Readable.Time(since) : null)
            .Add("Until", moment.Until is { } until ? Readable.Time(until) : null)
            .Add("Operation", moment.OperationId)
            .Add("Pool", moment.Pool ?? "none")
            .Write(session.Out, ink);
        session.Out.Write('\n');
    }

    private static void Draw(Session session, AddressHistoryList history)
    {
        var ink = session.Terminal.OutInk;
        var now = session.Terminal.Time.GetUtcNow();
        var table = new TableWriter("SINCE", "UNTIL", "FOR", "STATE", "OWNER", "POOL", "CHANGE", "OPERATION");
        foreach (var item in history.Items)
        {
            var isLease = item.State == Leased;
            table.Add(
                Readable.Time(item.Since),
                item.Until is { } until ? Readable.Time(until)
                    : isLease ? "now"
                    : "",
                isLease ? Readable.Age((item.Until ?? now) - item.Since) : "",
                new Cell(item.State, Paint(ink, item.State)),
                Owner(item.Owner, item.Vm),
                item.Pool,
                item.Version is { } version
                    ? string.Create(CultureInfo.InvariantCulture, $"{item.Action} (version {version})")
                    : "",
                item.OperationId
            );
        }

        table.Write(session.Out, ink);
        if (history.Items.Count < history.Total)
        {
            session.Note($"the newest {Readable.Count(history.Items.Count)} of {Readable.Count(history.Total)} shown");
        }

        if (history.Then is { } then && then.At < history.KnownSince)
        {
            session.Note($"leases that ended before {Readable.Time(history.KnownSince)} are forgotten");
        }
    }

    private static string Headline(Ink ink, string address, string state, string? owner, string? vm)
    {
        var said = (state, owner) switch
        {
            (Leased, _) => $"leased to {Owner(owner, vm)}",
            (Cooling, _) => $"cooling, last leased to {Owner(owner, vm)}",
            ("outside-range", _) => "outside of its range's first to last address",
            ("outside-pools", _) => "in no pool",
            ("kept-gateway", _) => "a former gateway that guests still use",
            _ => state,
        };
        return $"{ink.Bold(address)} {Paint(ink, state)(said)}";
    }

    private static string? Owner(string? owner, string? vm) => vm is null ? owner : $"{vm} ({owner})";

    private static string? Since(DateTimeOffset? since, DateTimeOffset now) =>
        since is { } time ? $"{Readable.Time(time)}  ({Readable.Age(now - time)} ago)" : null;

    private static string Text(PoolRange range) =>
        $"{range.Cidr}  ({range.First}–{range.Last}{(range.Gateway is { } gateway ? $", gateway {gateway}" : "")})";

    private static Func<string, string> Paint(Ink ink, string state) =>
        state switch
        {
            Leased => ink.Green,
            Cooling or "draining" => ink.Yellow,
            "free" => ink.Dim,
            _ => ink.Blue,
        };
}
