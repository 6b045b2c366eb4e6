using MasterController.Linux.Addresses;

namespace MasterController.Core.Addressing;

/// <summary>Draws the map of a pool: first what its definition makes of the addresses, then what is leased.</summary>
internal sealed class MapDrawing
{
    /// <summary>Addresses are shown one by one in a network of at least this prefix length, else /24s or /16s.</summary>
    private const int AddressesFrom = 16;

    private const int SubnetsFrom = 8;

    private readonly RangeMap _ranges;
    private readonly Ipv4Network _network;
    private readonly byte[] _cells;
    private readonly long[]? _totals;
    private readonly long[]? _used;

    public MapDrawing(RangeMap ranges, Ipv4Network network)
    {
        _ranges = ranges;
        _network = network;
        CellPrefix = CellPrefixOf(network);
        _cells = new byte[1 << (CellPrefix - network.PrefixLength)];
        if (CellPrefix == 32)
        {
            DrawDefinition();
        }
        else
        {
            _totals = new long[_cells.Length];
            _used = new long[_cells.Length];
            foreach (var (first, last) in UseReport.Parts(ranges, network, network))
                AddTo(_totals, first.Value, last.Value);
        }
    }

    public int CellPrefix { get; }

    /// <summary>
    /// The smallest network around all ranges of a pool whose prefix length is even, so that a square can be drawn of it.
    /// </summary>
    public static Ipv4Network Around(PoolDefinition pool)
    {
        var (first, last) = (pool.Ranges.Min(r => r.Network.Address), pool.Ranges.Max(r => r.Network.Last));
        var prefix = 32;
        while (prefix > 0 && !Ipv4Network.Of(first, prefix).Contains(last))
            prefix--;
        return Ipv4Network.Of(first, prefix - (prefix % 2));
    }

    public static int CellPrefixOf(Ipv4Network network) =>
        network.PrefixLength >= AddressesFrom ? 32
        : network.PrefixLength >= SubnetsFrom ? 24
        : 16;

    public bool Add(SubnetTally tally)
    {
        _used![CellOf(tally.First)] += tally.Used;
        return true;
    }

    public bool Add(StateRun run)
    {
        for (var i = 0; i < run.States.Length; i++)
        {
            if (run.States[i] != CellState.NotOfPool)
                _cells[CellOf(run.First + (uint)i)] = (byte)run.States[i];
        }
        return true;
    }

    public PoolMap End(DateTimeOffset time)
    {
        for (var i = 0; i < _cells.Length && _totals is not null; i++)
            _cells[i] = Share(_used![i], _totals[i]);
        return new PoolMap(_network, time, CellPrefix, _cells);
    }

    private static byte Share(long used, long total) =>
        total == 0 ? (byte)0
        : used == 0 ? (byte)1
        : (byte)(2 + Math.Min(253, 253 * used / total));

    private void DrawDefinition()
    {
        foreach (var part in UseReport.Parts(_ranges, _network, _network))
            Fill(part, CellState.Free);
        foreach (var range in _ranges.Ranges)
        foreach (var reservation in range.Reservations)
            Fill(AddressStretch.Of(reservation), CellState.Reserved, range);
        foreach (var drain in _ranges.Definition.Drains)
            Fill(new AddressStretch(drain.First, drain.Last), CellState.Draining);
        foreach (var gateway in _ranges.Ranges.Select(r => r.Gateway).OfType<Ipv4Address>())
            Fill(new AddressStretch(gateway, gateway), CellState.Gateway);
        foreach (var kept in _ranges.Definition.KeptGateways)
            Fill(new AddressStretch(kept.Address, kept.Address), CellState.Gateway);
    }

    private void Fill(AddressStretch stretch, CellState state, AddressRange? within = null)
    {
        var first = Math.Max(stretch.First.Value, (within?.First ?? _network.Address).Value);
        var last = Math.Min(stretch.Last.Value, (within?.Last ?? _network.Last).Value);
        first = Math.Max(first, _network.Address.Value);
        last = Math.Min(last, _network.Last.Value);
        if (first <= last)
            Array.Fill(_cells, (byte)state, CellOf(first), (int)(last - first + 1));
    }

    private void AddTo(long[] cells, uint first, uint last)
    {
        var size = 1L << (32 - CellPrefix);
        for (long address = first; address <= last; address = (address / size + 1) * size)
            cells[CellOf((uint)address)] += Math.Min(last + 1L, (address / size + 1) * size) - address;
    }

    private int CellOf(uint address) => (int)((address - _network.Address.Value) >> (32 - CellPrefix));
}
