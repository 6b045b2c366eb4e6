using System.Runtime.InteropServices;

namespace MasterController.Core.HostNetwork.Dedicated;

/// <summary>Chains of source lists, and by how many guests each is used.</summary>
internal sealed class SourceUsers
{
    private readonly Dictionary<SourceNetworks, SourceChain> _chains = [];
    private readonly Dictionary<SourceNetworks, int> _users = [];
    private readonly HashSet<uint> _numbers = [];

    internal void Clear()
    {
        _chains.Clear();
        _users.Clear();
        _numbers.Clear();
    }

    /// <summary>One that is in the kernel.</summary>
    internal void Add(SourceChain chain)
    {
        _chains[chain.From] = chain;
        _numbers.Add(chain.Id);
    }

    internal IReadOnlyCollection<SourceChain> All => _chains.Values;

    internal uint IdOf(SourceNetworks list) => _chains[list].Id;

    internal uint? FindId(SourceNetworks list) => _chains.GetValueOrDefault(list)?.Id;

    /// <summary>Chains for those lists that have none yet, to be made and then added.</summary>
    internal IReadOnlyList<SourceChain> Number(IEnumerable<SourceNetworks> lists)
    {
        var taken = new HashSet<uint>();
        return
        [
            .. lists
                .Distinct()
                .Where(list => !_chains.ContainsKey(list))
                .Select(list => SourceChain.Number(list, id => !_numbers.Contains(id) && taken.Add(id))),
        ];
    }

    /// <param name="lists">Each as often as guests use it anew.</param>
    internal void Use(IEnumerable<SourceNetworks> lists)
    {
        foreach (var list in lists)
            CollectionsMarshal.GetValueRefOrAddDefault(_users, list, out _)++;
    }

    /// <param name="lists">Each as often as guests use it no more.</param>
    /// <returns>Chains that nobody uses now; they are known no more.</returns>
    internal IReadOnlyList<SourceChain> Leave(IEnumerable<SourceNetworks> lists)
    {
        var left = new List<SourceChain>();
        foreach (var list in lists)
            if (--CollectionsMarshal.GetValueRefOrAddDefault(_users, list, out _) <= 0)
            {
                _users.Remove(list);
                if (!_chains.Remove(list, out var chain))
                    continue;
                _numbers.Remove(chain.Id);
                left.Add(chain);
            }
        return left;
    }
}
