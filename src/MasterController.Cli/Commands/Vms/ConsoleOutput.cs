namespace MasterController.Cli.Commands.Vms;

/// <summary>
/// A followed console's bytes on their way out. The API has no position to resume at, so after a new connection the
/// daemon is asked for the last lines again, and those that were printed before are found and dropped.
/// </summary>
internal sealed class ConsoleOutput(Stream output)
{
    /// <summary>How much a guest may write while the daemon restarts without a line of it being missed.</summary>
    public const int LinesToLookBack = 1000;

    /// <summary>Printed bytes that are remembered: enough to be found again without doubt.</summary>
    private const int Memory = 512;

    private readonly List<byte> _printed = [];
    private readonly List<byte> _unsettled = [];
    private bool _settled = true;

    public bool Begun { get; private set; }

    /// <summary>What follows comes from a new connection.</summary>
    public void Connected()
    {
        _settled = _printed.Count == 0;
        _unsettled.Clear();
        Begun = true;
    }

    public void Write(ReadOnlySpan<byte> bytes)
    {
        if (_settled)
        {
            Print(bytes);
            return;
        }

        _unsettled.AddRange(bytes);
        var received = _unsettled.ToArray().AsSpan();
        var known = _printed.ToArray().AsSpan();
        var at = received.LastIndexOf(known);
        if (at < 0 && received.Length < known.Length && received.IndexOf(known[..1]) >= 0)
        {
            // Too little to tell; the rest of it is on its way.
            return;
        }

        _settled = true;
        Print(at < 0 ? received : received[(at + known.Length)..]);
    }

    private void Print(ReadOnlySpan<byte> bytes)
    {
        output.Write(bytes);
        output.Flush();
        _printed.AddRange(bytes);
        if (_printed.Count > Memory)
        {
            _printed.RemoveRange(0, _printed.Count - Memory);
        }
    }
}
