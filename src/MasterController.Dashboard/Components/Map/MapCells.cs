using MasterController.Contracts;
using MasterController.Dashboard.Text;

namespace MasterController.Dashboard.Components.Map;

/// <summary>A map as it is drawn: the cells of a network in address order.</summary>
public sealed class MapCells
{
    /// <summary>Of a code that stands for an address, as <see cref="AddressMap"/> has them.</summary>
    public static IReadOnlyList<string> States { get; } =
    ["not of the pool", "free", "leased", "cooling", "reserved", "gateway", "draining"];

    private static readonly (string Text, int From, int To)[] _shares =
    [
        ("not of the pool", 0, 0),
        ("none used", 1, 1),
        ("up to 25 % used", 2, 63),
        ("25 to 50 % used", 64, 127),
        ("50 to 75 % used", 128, 191),
        ("over 75 % used", 192, 254),
        ("all used", 255, 255),
    ];

    private MapCells(string pool, Cidr network, int cellPrefix, byte[] codes) =>
        (Pool, Network, CellPrefix, Codes) = (pool, network, cellPrefix, codes);

    public string Pool { get; }

    public Cidr Network { get; }

    public int CellPrefix { get; }

    public byte[] Codes { get; }

    /// <summary>Whether a cell is one address.</summary>
    public bool IsAddresses => CellPrefix == 32;

    public static MapCells Of(AddressMap map)
    {
        if (!Cidr.TryParse(map.Network, out var network))
            throw new FormatException($"\"{map.Network}\" is not a network");
        return new MapCells(map.Pool, network, map.CellPrefix, Convert.FromBase64String(map.Cells));
    }

    public Cidr Cell(int index) => Cidr.Around(FirstOf(index), CellPrefix);

    /// <summary>The state's name, of an address that lies in the network.</summary>
    public string StateOf(uint address) => IsAddresses ? Named(Codes[(int)(address - Network.First)]) : "";

    /// <summary>How many cells there are of each kind; kinds that may occur are all named, in a fixed order.</summary>
    public IReadOnlyList<MapCount> Summary()
    {
        var counts = new int[256];
        foreach (var code in Codes)
            counts[code]++;
        return IsAddresses
            ? [.. States.Select((text, code) => new MapCount(text, code, counts[code]))]
            : [.. _shares.Select(s => new MapCount(s.Text, s.From, counts[s.From..(s.To + 1)].Sum()))];
    }

    /// <summary>
    /// What is other than before, as index (two bytes, low first) and code of each cell; null where all of it is to be
    /// sent, since that is another picture, or shorter.
    /// </summary>
    public byte[]? ChangesSince(MapCells? before)
    {
        if (before is null || before.Network != Network || before.Codes.Length != Codes.Length)
            return null;
        List<byte> changes = [];
        for (var i = 0; i < Codes.Length; i++)
        {
            if (Codes[i] == before.Codes[i])
                continue;
            changes.AddRange([(byte)i, (byte)(i >> 8), Codes[i]]);
            if (changes.Count >= Codes.Length)
                return null;
        }
        return [.. changes];
    }

    private static string Named(byte code) => code < States.Count ? States[code] : $"unknown ({code})";

    private uint FirstOf(int index) => Network.First + ((uint)index << (32 - CellPrefix));
}

/// <param name="Code">The first of the kind's codes: of which colour it is.</param>
public sealed record MapCount(string Text, int Code, int Count);
