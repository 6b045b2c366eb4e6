using CsCheck;
using MasterController.Core.HostNetwork;
using MasterController.Core.HostNetwork.Dedicated;
using MasterController.Core.HostNetwork.Policies;
using MasterController.Linux.Addresses;
using MasterController.Linux.Nftables;
using Xunit;

namespace MasterController.Tests.HostNetwork.Dedicated;

/// <summary>
/// Random changes of external access, several guests at a time, on maps that refuse what the kernel refuses: after each they
/// are what attaching all guests to empty ones makes.
/// </summary>
public sealed class DedicatedModelTests
{
    private const int Guests = 4;
    private const int Ports = 6;

    private static readonly SourceNetworks[] _lists =
    [
        SourceNetworks.Everybody,
        new([Ipv4Network.Parse("10.0.0.0/8")], []),
        new([Ipv4Network.Parse("10.1.0.0/16"), Ipv4Network.Parse("10.0.0.0/8")], []),
        new([Ipv4Network.Parse("192.0.2.0/24")], [Ipv6Network.Parse("2001:db8::/32")]),
    ];

    private static readonly Gen<Opening> _opening = Gen.Select(
        Gen.Int[0, 3],
        Gen.Int[1, Ports],
        Gen.Int[0, 3],
        Gen.Int[0, _lists.Length - 1],
        (protocol, port, more, list) =>
            new Opening(
                (EgressProtocol)protocol,
                protocol is 1 or 2 ? new PortRange((ushort)port, (ushort)(port + more)) : null,
                _lists[list]
            )
    );

    // Whose each port of the host is, and each public address: no two guests have the same.
    private static readonly Gen<World> _world = Gen.Select(
        Gen.Int[-1, Guests - 1].Array[Ports],
        Gen.Int[0, _lists.Length - 1].Array[Ports],
        Gen.Int[-1, Guests - 1].Array[2],
        Gen.Bool.Array[Guests],
        _opening.Array[0, 3].Array[Guests],
        Gen.Shuffle(Enumerable.Range(0, Guests).ToArray()),
        Gen.Int[1, Guests],
        (owners, lists, publics, ipv6, open, order, together) =>
            new World(owners, lists, publics, ipv6, open, order, together)
    );

    [Fact]
    public void Whatever_is_changed_the_maps_are_what_all_guests_ask_for() =>
        _world
            .Array[1, 12]
            .Sample(
                worlds =>
                {
                    var model = new Model();
                    foreach (var world in worlds)
                    {
                        // Some at a time, in any order: what moves is given before it is taken, or after.
                        foreach (var some in world.Order.Chunk(world.Together))
                            model.Change([.. some.Select(world.Guest)]);
                        model.AssertIs([.. Enumerable.Range(0, Guests).Select(world.Guest)]);
                    }
                    model.Change([
                        .. Enumerable.Range(0, Guests).Select(i => worlds[0].Guest(i) with { External = null }),
                    ]);
                    model.AssertIs([]);
                },
                iter: 300
            );

    // As DedicatedGuests does it.
    private sealed class Model
    {
        private readonly Maps _kernel = new();
        private readonly SourceUsers _sources = new();
        private readonly ElementOwners _owners = new();
        private readonly Dictionary<Ipv4Address, Attachment> _guests = [];

        internal void Change(IReadOnlyList<Attachment> wanted)
        {
            List<(Attachment Before, Attachment After)> changed =
            [
                .. wanted.Select(after =>
                    (_guests.GetValueOrDefault(after.Address) ?? after with { External = null }, after)
                ),
            ];
            var difference = new DedicatedDifference(changed);
            foreach (var chain in _sources.Number(difference.UsedAfter))
                _sources.Add(chain);
            _kernel.Change(difference.Changes(_kernel.Find, _sources.IdOf, _owners.IsOfAnother(changed)));
            _sources.Use(difference.UsedAfter);
            _sources.Leave(difference.UsedBefore);
            _owners.Change(changed);
            foreach (var after in wanted)
                _guests[after.Address] = after;
        }

        internal void AssertIs(IReadOnlyList<Attachment> guests)
        {
            var expected = new SortedDictionary<string, string>(StringComparer.Ordinal);
            foreach (var (key, target) in guests.SelectMany(guest => DedicatedElements.Of(guest)))
                expected[$"{key}"] = key.Map.ElementText(key.Key, target.Resolve(_sources.IdOf));
            Assert.Equal(expected, _kernel.All);
            Assert.Equal(
                guests.SelectMany(guest => DedicatedElements.ListsOf(DedicatedElements.Of(guest))).ToHashSet(),
                _sources.All.Select(chain => chain.From).ToHashSet()
            );
            Assert.Distinct(_sources.All.Select(chain => chain.Id));
        }
    }

    private sealed record World(
        int[] Owners,
        int[] Lists,
        int[] Publics,
        bool[] Ipv6,
        Opening[][] Open,
        int[] Order,
        int Together
    )
    {
        internal Attachment Guest(int guest) =>
            new(Address(guest), Ipv4Address.Parse("192.168.100.1"), 0)
            {
                External = new ExternalAccess(
                    Ipv6[guest] ? Ipv6Address.Parse($"2001:db8::{guest + 1}") : null,
                    Array.IndexOf(Publics, guest) is >= 0 and var i ? Ipv4Address.Parse($"203.0.113.{i + 1}") : null,
                    Open[guest],
                    [
                        .. Enumerable
                            .Range(0, Ports)
                            .Where(port => Owners[port] == guest)
                            .Select(port => new PortForward(
                                $"fwd_{port:d12}",
                                port % 2 == 0 ? null : Ipv4Address.Parse("198.51.100.1"),
                                EgressProtocol.Tcp,
                                new PortRange((ushort)(100 * (port + 1)), (ushort)((100 * (port + 1)) + Lists[port])),
                                (ushort)(80 + Lists[port]),
                                _lists[Lists[port]]
                            )),
                    ]
                ),
            };

        private static Ipv4Address Address(int guest) => new(Ipv4Address.Parse("192.168.100.2").Value + (uint)guest);
    }

    /// <summary>Maps that take a transaction as the kernel does.</summary>
    private sealed class Maps
    {
        private readonly Dictionary<string, Dictionary<NftData, NftElement>> _maps = DedicatedMap.All.ToDictionary(
            map => map.Name,
            _ => new Dictionary<NftData, NftElement>()
        );

        internal SortedDictionary<string, string> All
        {
            get
            {
                var all = new SortedDictionary<string, string>(StringComparer.Ordinal);
                foreach (var map in DedicatedMap.All)
                foreach (var (key, element) in _maps[map.Name])
                    all[$"{new DedicatedKey(map, key)}"] = map.ElementText(key, element.Value);
                return all;
            }
        }

        internal IReadOnlyDictionary<NftData, NftElement> Find(string map, IReadOnlyList<NftData> keys) =>
            keys.Where(_maps[map].ContainsKey).Distinct().ToDictionary(key => key, key => _maps[map][key]);

        internal void Change(NftChanges changes)
        {
            foreach (var (map, isRemoval, elements) in changes.Messages())
            foreach (var element in elements)
                if (isRemoval)
                    Assert.True(_maps[map].Remove(element.Key), $"{element} is not in {map}");
                else
                    Assert.True(_maps[map].TryAdd(element.Key, element), $"{element} is in {map}");
        }
    }
}
