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
internal sealed class PolicedGuests(IReadOnlyList<Ipv4Network> refused) : IDisposable
{
    private readonly Dictionary<Ipv4Address, EgressChain> _guests = [];
    private readonly Dictionary<EgressPolicy, EgressChain> _chains = [];
    private readonly Dictionary<uint, int> _users = [];
    private readonly Dictionary<Ipv4Address, RateLimit> _limits = [];

    // Kept open: when such a socket is closed, the kernel waits for all processors before it frees what was removed
    // (nft_rcv_nl_event in nf_tables_api.c), tens of milliseconds for each batch.
    private NftTable? _table;

    /// <summary>After a plan was carried out.</summary>
    /// <param name="attachments">Those that the plan was made for.</param>
    internal void Take(EgressPlan plan, IReadOnlyCollection<Attachment> attachments)
    {
        _limits.Clear();
        foreach (var attachment in attachments)
            RememberLimit(attachment);
        _guests.Clear();
        _chains.Clear();
        _users.Clear();
        _guests.EnsureCapacity(plan.Guests.Count);
        foreach (var (address, chain) in plan.Guests)
            Remember(address, chain);
    }

    internal void Put(NftablesContext nftables, IReadOnlyList<Attachment> attachments)
    {
        var table = _table ??= NftTable.Open(HostNetworkMarks.FirewallTable);
        try
        {
            Put(nftables, table, attachments);
        }
        catch (NetlinkException)
        {
            // What is still in it are answers to what was refused.
            Dispose();
            throw;
        }
    }

    internal void Remove(NftablesContext nftables, IReadOnlyList<Attachment> attachments) =>
        Put(nftables, [.. attachments.Select(attachment => attachment with { Egress = null, RateLimit = null })]);

    public void Dispose()
    {
        _table?.Dispose();
        _table = null;
    }

    private void Put(NftablesContext nftables, NftTable table, IReadOnlyList<Attachment> attachments)
    {
        List<Attachment> changed =
        [
            .. attachments
                .Where(attachment => attachment.RateLimit != _limits.GetValueOrDefault(attachment.Address))
                .DistinctBy(attachment => attachment.Address),
        ];
        if (changed.Count > 0)
        {
            LimitedGuests.Put(table, changed);
            foreach (var attachment in changed)
                RememberLimit(attachment);
        }
        Change(nftables, table, [.. attachments.Select(attachment => (attachment.Address, attachment.Egress))]);
    }

    private void RememberLimit(Attachment attachment)
    {
        if (attachment.RateLimit is { } limit)
            _limits[attachment.Address] = limit;
        else
            _limits.Remove(attachment.Address);
    }

    /// <summary>1. chains that are used for the first time; 2. the guests; 3. chains that are no longer used.</summary>
    private void Change(
        NftablesContext nftables,
        NftTable table,
        IReadOnlyList<(Ipv4Address Address, EgressPolicy? Policy)> wanted
    )
    {
        var changed = wanted
            .Where(guest => _guests.GetValueOrDefault(guest.Address)?.Policy != guest.Policy)
            .DistinctBy(guest => guest.Address)
            .ToList();
        if (changed.Count == 0)
            return;

        // 1
        MakeChains(nftables, table, changed.Select(guest => guest.Policy).OfType<EgressPolicy>().Distinct());

        // 2
        table.ChangeElements(
            EgressChain.Guests,
            // Not what is remembered: a removal of what is not there would make the whole transaction void.
            [
                .. changed
                    .Select(guest => NftData.Of(guest.Address))
                    .Where(address => table.Find(EgressChain.Guests, address) is not null),
            ],
            [
                .. changed
                    .Where(guest => guest.Policy is not null)
                    .Select(guest => new NftElement(
                        NftData.Of(guest.Address),
                        NftData.Number(_chains[guest.Policy!].Id)
                    )),
            ]
        );
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

    private void Remember(Ipv4Address address, EgressChain chain)
    {
        _guests[address] = chain;
        _chains[chain.Policy] = chain;
        _users[chain.Id] = _users.GetValueOrDefault(chain.Id) + 1;
    }
}
