using MasterController.Linux.Addresses;

namespace MasterController.Core.Addressing;

internal sealed partial class AddressPool
{
    /// <summary>Null where nobody has the address and it does not cool down.</summary>
    public AddressUse? UseOf(Ipv4Address address, DateTimeOffset now)
    {
        Expire(now.UtcTicks);
        ref readonly var slot = ref _table.Peek(address.Value);
        if (slot.Owner is not { } owner)
            return null;
        return new AddressUse(owner, TimeOf(slot.Ticks), slot.IsCooling ? TimeOf(slot.Ticks + _cooldownTicks) : null);
    }
}
