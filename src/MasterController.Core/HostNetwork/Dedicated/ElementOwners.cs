using MasterController.Linux.Addresses;

namespace MasterController.Core.HostNetwork.Dedicated;

/// <summary>
/// Whose each element is, so that what was given to another guest meanwhile is not taken from it: its former owner may be
/// told later.
/// </summary>
internal sealed class ElementOwners
{
    private readonly Dictionary<DedicatedKey, Ipv4Address> _owners = [];

    internal void Clear() => _owners.Clear();

    internal void Give(Ipv4Address guest, IEnumerable<DedicatedKey> keys)
    {
        foreach (var key in keys)
            _owners[key] = guest;
    }

    /// <summary>Whether an element is of a guest that is not among these.</summary>
    internal Func<DedicatedKey, bool> IsOfAnother(IReadOnlyList<(Attachment Before, Attachment After)> changed)
    {
        var guests = changed.Select(change => change.After.Address).ToHashSet();
        return key => _owners.TryGetValue(key, out var owner) && !guests.Contains(owner);
    }

    internal void Change(IReadOnlyList<(Attachment Before, Attachment After)> changed)
    {
        foreach (var (before, _) in changed)
        foreach (var key in DedicatedElements.Of(before).Keys)
            if (_owners.TryGetValue(key, out var owner) && owner == before.Address)
                _owners.Remove(key);
        foreach (var (_, after) in changed)
            Give(after.Address, DedicatedElements.Of(after).Keys);
    }
}
