using MasterController.Cli.Terminal;
using MasterController.Contracts;

namespace MasterController.Cli.Commands.Network;

/// <summary>An adoption as a person reads it: who is on the bridge, what becomes of each, and what is done for it.</summary>
internal sealed class AdoptionText(Session session)
{
    private readonly TextWriter _writer = session.Out;
    private readonly Ink _ink = session.Terminal.OutInk;

    public void WritePlan(Adoption adoption)
    {
        Write(adoption);
        if (adoption.Changes.Count > 0)
        {
            _writer.Write($"\n{_ink.Bold("Changes of the host")}\n");
            foreach (var change in adoption.Changes)
            {
                _writer.Write($"  {_ink.Yellow("~")} {change.Text}\n    {_ink.Dim(change.Command)}\n");
            }
        }

        WriteEnded(adoption);
        _writer.Write(
            adoption.Changes.Count > 0
                ? $"\nNothing has been changed. Adopt: {_ink.Bold("mctl net adopt")}\n"
                : "\nThere is nothing to adopt.\n"
        );
    }

    public void WriteDone(Adoption adoption)
    {
        Write(adoption);
        WriteEnded(adoption);
        var adopted = adoption.Ports.Count(port => port.Action == "adopt");
        _writer.Write(
            adoption.Changes.Count == 0
                ? "\nThere was nothing to adopt.\n"
                : $"\n{_ink.Green($"Adopted: {(adoption.Bridge == "others" ? "the bridge and " : "")}{Readable.Plural(adopted, "TAP")}")}\n"
        );
    }

    private void Write(Adoption adoption)
    {
        _writer.Write(
            adoption.Bridge switch
            {
                "none" => "There is no bridge fcbr0.\n",
                "ours" => "The bridge fcbr0 is ours.\n",
                "not-a-bridge" => "fcbr0 is no bridge; it cannot be adopted.\n",
                _ => "The bridge fcbr0 is an older controller's.\n",
            }
        );
        if (adoption.Ports.Count == 0)
        {
            return;
        }

        _writer.Write('\n');
        var table = new TableWriter("TAP", "ADDRESS", "MAC", "PROCESS", "POOL", "ACTION", "REASON");
        foreach (var port in adoption.Ports)
        {
            table.Add(
                port.Name,
                port.Address,
                port.Mac,
                port.Pid is { } pid ? $"{port.Command} ({pid})" : null,
                port.Pool,
                new Cell(port.Action, port.Action == "leave" ? _ink.Yellow : _ink.Green),
                port.Reason
            );
        }

        table.Write(_writer, _ink);
    }

    private void WriteEnded(Adoption adoption)
    {
        if (adoption.Ended.Count == 0)
        {
            return;
        }

        _writer.Write($"\n{_ink.Bold("Leases of TAPs that are gone")}\n");
        foreach (var lease in adoption.Ended)
        {
            _writer.Write(
                $"  {lease.Address}  {lease.Owner}  {_ink.Dim($"mctl lease delete {lease.Address} --owner {lease.Owner} --pool {lease.Pool}")}\n"
            );
        }
    }
}
