using System.Globalization;
using MasterController.Cli.Api;
using MasterController.Cli.Terminal;
using MasterController.Contracts;

namespace MasterController.Cli.Commands.Pools;

/// <summary>A plan as a person reads it: what comes of it, what is done for it, and what is in its way.</summary>
internal sealed class PlanText(TextWriter writer, Ink ink, int width)
{
    /// <summary>Lines longer than this are tiring to read.</summary>
    private const int MaxWidth = 100;

    private const int MostUsers = 5;

    private const int MostChanges = 20;

    private const int MostLeases = 10;

    /// <summary>Of the labels of the first section.</summary>
    private const int Margin = 13;

    public static int WidthOf(CliTerminal terminal) =>
        terminal.OutIsTerminal() ? Math.Clamp(terminal.Width(), 40, MaxWidth) : MaxWidth;

    public static void Print(Session session, PoolPlan plan, string commandToApply) =>
        session.Print(
            plan,
            CliJson.Wire.PoolPlan,
            [plan.Id],
            () =>
            {
                var ink = session.Terminal.OutInk;
                new PlanText(session.Out, ink, WidthOf(session.Terminal)).Write(plan);
                session.Out.Write(
                    plan.Applicable
                        ? $"\nNothing has been changed. Apply it: {ink.Bold(commandToApply)}\n"
                        : $"\n{ink.Red("Nothing has been changed; it cannot be applied before the conflicts are gone.")}\n"
                );
            }
        );

    /// <summary>"253 → 65,533 (65,532 while 192.168.100.1 is kept)".</summary>
    public static string CapacityOf(PoolPlan plan)
    {
        var (before, after, kept) = (plan.Capacity.Before, plan.Capacity.After, plan.Capacity.WhileGatewaysKept);
        var change = before == after ? Readable.Count(after) : $"{Readable.Count(before)} → {Readable.Count(after)}";
        var gateways = plan.Gateways.Where(gateway => gateway.Change == "keep").Select(g => g.Address).ToArray();
        return kept == after ? change
            : gateways is [var one] ? $"{change} ({Readable.Count(kept)} while {one} is kept)"
            : $"{change} ({Readable.Count(kept)} while former gateways are kept)";
    }

    public static string Networks(IReadOnlyList<PoolRange> ranges) =>
        Readable.FirstOf([.. ranges.Select(range => range.Cidr)], ranges.Count, MostUsers);

    public void Write(PoolPlan plan)
    {
        foreach (var line in Wrapped.Text(plan.Summary, width))
        {
            writer.Write($"{ink.Bold(line)}\n");
        }

        writer.Write('\n');
        Field("Capacity", [CapacityOf(plan)]);
        Ranges(plan);
        Gateways(plan.Gateways);
        var touched = $"VMs touched: {Readable.Count(plan.VmsTouched)}";
        writer.Write($"{(plan.VmsTouched == 0 ? ink.Green(touched) : ink.Red(touched))}\n");
        Changes(plan.Changes);
        Notices("Conflicts that have to go first", "✗", plan.Conflicts, ink.Red);
        Notices("Warnings", "!", plan.Warnings, ink.Yellow);
        LeasesOutside(plan);
        Steps(plan.Steps);
    }

    private void Ranges(PoolPlan plan)
    {
        var columns = new PlanRanges([.. plan.RangesBefore, .. plan.RangesAfter], width - Margin);
        string[] before = [.. plan.RangesBefore.SelectMany(columns.Lines)];
        string[] after = [.. plan.RangesAfter.SelectMany(columns.Lines)];
        if (before.SequenceEqual(after))
        {
            Field("Ranges", after);
            return;
        }

        Field("Before", before);
        Field("After", after);
    }

    private void Gateways(IReadOnlyList<PlanGateway> gateways)
    {
        var column = gateways.Select(gateway => gateway.Address.Length).DefaultIfEmpty().Max();
        var lines = gateways.SelectMany(gateway =>
        {
            var text = gateway.Change switch
            {
                "add" => "added",
                "remove" => "removed",
                "keep" when gateway.UserCount > 0 =>
                    $"kept for {Readable.FirstOf(gateway.Users, gateway.UserCount, MostUsers)}",
                "keep" => "kept",
                var other => other,
            };
            var lead = $"{Mark(gateway.Change)} {gateway.Address.PadRight(column)}  ";
            return Wrapped
                .Text(text, width - Margin - column - 4)
                .Select((line, i) => (i == 0 ? lead : new string(' ', column + 4)) + line);
        });
        Field("Gateways", [.. lines]);
    }

    private void Changes(IReadOnlyList<PlanChange> changes)
    {
        Heading(changes.Count == 0 ? "Changes of the host: none" : "Changes of the host", ink.Bold);
        foreach (var group in changes.GroupBy(change => change.Object))
        {
            writer.Write($"  {ObjectName(group.Key)}\n");
            foreach (var change in group.Take(MostChanges))
            {
                Item($"    {PaintedMark(change.Kind)} ", 6, change.Text);
                foreach (var line in Wrapped.Command(change.Command, width - 8))
                {
                    writer.Write($"        {ink.Dim(line)}\n");
                }
            }

            More(group.Count() - MostChanges, "    ", "all: --plan -o json");
        }
    }

    private void Notices(string heading, string mark, IReadOnlyList<PlanNotice> notices, Func<string, string> paint)
    {
        if (notices.Count == 0)
        {
            return;
        }

        Heading(heading, paint);
        foreach (var notice in notices)
        {
            Item($"  {paint(mark)} ", 4, $"{notice.Code}: {notice.Message}");
            if (notice.Fix is { Length: > 0 } fix)
            {
                Item("    fix: ", 9, fix);
            }
        }
    }

    private void LeasesOutside(PoolPlan plan)
    {
        if (plan.LeasesOutsideCount == 0)
        {
            return;
        }

        var what = plan.Conflicts.Any(conflict => conflict.Code == "leases-outside") ? "in the way" : "to wait for";
        Heading($"Leases {what}: {Readable.Count(plan.LeasesOutsideCount)}", ink.Bold);
        var shown = plan.LeasesOutside.Take(MostLeases).ToArray();
        var addresses = shown.Select(lease => lease.Address.Length).DefaultIfEmpty().Max();
        var owners = shown.Select(lease => lease.Owner.Length).DefaultIfEmpty().Max();
        foreach (var lease in shown)
        {
            var since = ink.Dim($"since {Readable.Time(lease.Since)}");
            writer.Write($"  {lease.Address.PadRight(addresses)}  {lease.Owner.PadRight(owners)}  {since}\n");
        }

        More(plan.LeasesOutsideCount - shown.Length, "  ", $"all of the pool's: mctl lease list --pool {plan.Pool}");
    }

    private void Steps(IReadOnlyList<string> steps)
    {
        Heading("Steps", ink.Bold);
        for (var i = 0; i < steps.Count; i++)
        {
            Item(string.Create(CultureInfo.InvariantCulture, $"  {i + 1, 2}. "), 6, steps[i]);
        }
    }

    private void Heading(string text, Func<string, string> paint) => writer.Write($"\n{paint(text)}\n");

    private void Field(string label, IReadOnlyList<string> lines)
    {
        for (var i = 0; i < lines.Count; i++)
        {
            var lead = i == 0 ? ink.Dim(label) + new string(' ', Margin - label.Length) : new string(' ', Margin);
            writer.Write($"{lead}{lines[i]}\n");
        }
    }

    /// <param name="column">Where the text begins, and its further lines.</param>
    private void Item(string lead, int column, string text)
    {
        foreach (var line in Wrapped.Text(text, width - column))
        {
            writer.Write($"{lead}{line}\n");
            lead = new string(' ', column);
        }
    }

    private void More(int count, string margin, string where)
    {
        if (count > 0)
        {
            writer.Write($"{margin}… and {Readable.Count(count)} more ({where})\n");
        }
    }

    private string PaintedMark(string kind) =>
        kind switch
        {
            "add" => ink.Green(Mark(kind)),
            "remove" => ink.Red(Mark(kind)),
            _ => ink.Yellow(Mark(kind)),
        };

    private static string Mark(string kind) =>
        kind switch
        {
            "add" => "+",
            "remove" => "-",
            "keep" => "=",
            _ => "~",
        };

    private static string ObjectName(string name) =>
        name switch
        {
            "address" => "Addresses",
            "route" => "Routes",
            "sysctl" => "Kernel settings",
            "file" => "Files",
            _ => name,
        };
}
