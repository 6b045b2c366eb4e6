using System.Text;
using MasterController.Linux.Addresses;
using MasterController.Linux.Netlink;
using MasterController.Linux.Nftables;

namespace MasterController.Core.HostNetwork.Policies;

/// <summary>
/// Gives guests their policies and limits and takes them away, at a cost that does not depend on how many guests there are.
/// Knows what it has put into the kernel; what others did to that is found by <see cref="EgressPlan"/>. Of the network
/// thread alone.
/// </summary>
internal sealed class PolicedGuests(IReadOnlyList<IpNetwork> refused) : IDisposable
{
    private readonly Dictionary<IpAddress, EgressChain> _guests = [];
    private readonly Dictionary<EgressPolicy, EgressChain> _chains = [];
    private readonly Dictionary<uint, int> _users = [];
    private readonly Dictionary<IpAddress, RateLimit> _limits = [];

    // A guest may be given another IPv6, and its former one be another guest's by then.
    private readonly Dictionary<Ipv4Address, Ipv6Address> _ipv6 = [];
    private readonly Dictionary<Ipv6Address, Ipv4Address> _owners = [];

    // Still under its policy, for as long as its former guest can send from it.
    private readonly HashSet<Ipv6Address> _given = [];

    // Kept open: when such a socket is closed, the kernel waits for all processors before it frees what was removed
    // (nft_rcv_nl_event in nf_tables_api.c), tens of milliseconds for each batch.
    private NftTable? _table;

    /// <summary>After a plan was carried out.</summary>
    /// <param name="attachments">Those that the plan was made for.</param>
    internal void Take(EgressPlan plan, IReadOnlyCollection<Attachment> attachments)
    {
        _limits.Clear();
        _ipv6.Clear();
        _owners.Clear();
        _given.Clear();
        foreach (var attachment in attachments)
        {
            RememberIpv6(attachment);
            foreach (var address in GuestAddresses.Of(attachment))
                RememberLimit(address, attachment.RateLimit);
        }
        _guests.Clear();
        _chains.Clear();
        _users.Clear();
        _guests.EnsureCapacity(plan.Guests.Count);
        foreach (var (address, chain) in plan.Guests)
            Remember(address, chain);
    }

    /// <summary>
    /// Before guests can send from the addresses that they have now; <see cref="Settle"/> is for those that they no longer
    /// have.
    /// </summary>
    internal void Put(NftablesContext nftables, IReadOnlyList<Attachment> attachments)
    {
        foreach (var attachment in attachments)
            GiveUp(attachment);
        foreach (var attachment in attachments)
            RememberIpv6(attachment);
        Put(
            nftables,
            [
                .. attachments
                    .SelectMany(attachment =>
                        GuestAddresses
                            .Of(attachment)
                            .Select(address => (address, attachment.Egress, attachment.RateLimit))
                    )
                    .DistinctBy(guest => guest.address),
            ]
        );
    }

    /// <summary>Takes policies and limits from IPv6 addresses that no guest has any more and none can send from.</summary>
    internal void Settle(NftablesContext nftables)
    {
        if (_given.Count == 0)
            return;
        Put(nftables, [.. _given.Select(ipv6 => ((IpAddress)ipv6, (EgressPolicy?)null, (RateLimit?)null))]);
        _given.Clear();
    }

    /// <summary>Of guests that are gone.</summary>
    internal void Remove(NftablesContext nftables, IReadOnlyList<Attachment> attachments)
    {
        Put(nftables, [.. attachments.Select(attachment => new Attachment(attachment.Address, null, 0))]);
        Settle(nftables);
    }

    public void Dispose()
    {
        _table?.Dispose();
        _table = null;
    }

    private void Put(
        NftablesContext nftables,
        IReadOnlyList<(IpAddress Address, EgressPolicy? Policy, RateLimit? Limit)> wanted
    )
    {
        var table = _table ??= NftTable.Open(HostNetworkMarks.FirewallTable);
        try
        {
            PutLimits(table, wanted);
            PutPolicies(nftables, table, wanted);
        }
        catch (NetlinkException)
        {
            // What is still in it are answers to what was refused.
            Dispose();
            throw;
        }
    }

    private void GiveUp(Attachment attachment)
    {
        if (
            !_ipv6.TryGetValue(attachment.Address, out var ipv6)
            || ipv6 == attachment.RoutedIpv6
            || _owners.GetValueOrDefault(ipv6) != attachment.Address
        )
            return;
        _given.Add(ipv6);
        _owners.Remove(ipv6);
    }

    private void RememberIpv6(Attachment attachment)
    {
        if (attachment.RoutedIpv6 is not { } ipv6)
        {
            _ipv6.Remove(attachment.Address);
            return;
        }
        _given.Remove(ipv6);
        _ipv6[attachment.Address] = ipv6;
        _owners[ipv6] = attachment.Address;
    }

    private void PutLimits(NftTable table, IEnumerable<(IpAddress Address, EgressPolicy?, RateLimit? Limit)> wanted)
    {
        List<(IpAddress Address, RateLimit? Limit)> changed =
        [
            .. wanted
                .Where(guest => guest.Limit != _limits.GetValueOrDefault(guest.Address))
                .Select(guest => (guest.Address, guest.Limit)),
        ];
        if (changed.Count == 0)
            return;
        LimitedGuests.Put(table, changed);
        foreach (var (address, limit) in changed)
            RememberLimit(address, limit);
    }

    private void RememberLimit(IpAddress address, RateLimit? limit)
    {
        if (limit is not null)
            _limits[address] = limit;
        else
            _limits.Remove(address);
    }

    /// <summary>1. chains that are used for the first time; 2. the guests; 3. chains that are no longer used.</summary>
    private void PutPolicies(
        NftablesContext nftables,
        NftTable table,
        IEnumerable<(IpAddress Address, EgressPolicy? Policy, RateLimit?)> wanted
    )
    {
        var changed = wanted
            .Where(guest => _guests.GetValueOrDefault(guest.Address)?.Policy != guest.Policy)
            .Select(guest => (guest.Address, guest.Policy))
            .ToList();
        if (changed.Count == 0)
            return;

        // 1
        MakeChains(nftables, table, changed.Select(guest => guest.Policy).OfType<EgressPolicy>().Distinct());

        // 2
        var changes = new NftChanges();
        foreach (var map in changed.GroupBy(guest => EgressChain.MapOf(guest.Address)))
        {
            // Not what is remembered: a removal of what is not there would make the whole transaction void.
            foreach (var key in map.Select(guest => GuestAddresses.KeyOf(guest.Address)))
                if (table.Find(map.Key, key) is not null)
                    changes.Remove(map.Key, key);
            foreach (var (address, policy) in map.Where(guest => guest.Policy is not null))
                changes.Add(
                    map.Key,
                    new NftElement(GuestAddresses.KeyOf(address), NftData.Number(_chains[policy!].Id))
                );
        }
        table.Change(changes);
        var unused = new List<EgressChain>();
        foreach (var (address, policy) in changed)
        {
            if (_guests.Remove(address, out var former) && --_users[former.Id] == 0)
                unused.Add(former);
            if (policy is not null)
                Remember(address, _chains[policy]);
        }

        // 3
        foreach (var chain in unused.Where(chain => _users[chain.Id] == 0))
            RemoveChain(nftables, chain);
    }

    private void MakeChains(NftablesContext nftables, NftTable table, IEnumerable<EgressPolicy> policies)
    {
        var made = new List<EgressChain>();
        var taken = _chains.Values.Select(chain => chain.Id).ToHashSet();
        foreach (var policy in policies)
            if (!_chains.ContainsKey(policy))
                made.Add(EgressPlan.Number(policy, refused, id => !taken.Add(id)));
        if (made.Count == 0)
            return;
        var transaction = new StringBuilder();
        foreach (var chain in made)
            chain.AppendTo(transaction);
        nftables.Run(transaction.ToString());
        foreach (var chain in made)
            _chains[chain.Policy] = chain;
        nftables.Run(EgressListing.AppendMarks(new StringBuilder(), table, made).ToString());
    }

    private void RemoveChain(NftablesContext nftables, EgressChain chain)
    {
        _users.Remove(chain.Id);
        _chains.Remove(chain.Policy);
        var transaction = new StringBuilder();
        EgressPlan.AppendRemoval(transaction, chain);
        try
        {
            nftables.Run(transaction.ToString());
        }
        catch (NftablesException)
        {
            // The guests have their policies; what others made of this chain the next comparison removes.
        }
    }

    private void Remember(IpAddress address, EgressChain chain)
    {
        _guests[address] = chain;
        _chains[chain.Policy] = chain;
        _users[chain.Id] = _users.GetValueOrDefault(chain.Id) + 1;
    }
}
