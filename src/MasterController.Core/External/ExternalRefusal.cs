using MasterController.Linux.Addresses;

namespace MasterController.Core.External;

/// <summary>Why an address or a port is not to be had.</summary>
public abstract record ExternalRefusal
{
    private ExternalRefusal() { }

    /// <summary>What the caller gave for <paramref name="Field"/> cannot be.</summary>
    public sealed record Invalid(string Field, string Message) : ExternalRefusal;

    /// <summary>Another VM has it.</summary>
    /// <param name="Vm">Its id.</param>
    public sealed record AddressInUse(string Field, IpAddress Address, string Vm) : ExternalRefusal;

    /// <summary>The VM has another one of that kind.</summary>
    public sealed record HasOther(string Field, IpAddress Wanted, IpAddress Has, string Vm) : ExternalRefusal;

    public sealed record Cooling(string Field, IpAddress Address, string Vm, DateTimeOffset Until) : ExternalRefusal;

    public sealed record Reserved(string Field, IpAddress Address, string Reason) : ExternalRefusal;

    /// <summary>None is free, or there is none of that kind at all.</summary>
    public sealed record NoneFree(string Field, string Message) : ExternalRefusal;

    /// <summary>The host's port is another forward's, or a program's.</summary>
    public sealed record PortInUse(string Field, string Message) : ExternalRefusal;

    /// <summary>One sentence for a person, without a full stop.</summary>
    public string Words =>
        this switch
        {
            Invalid invalid => invalid.Message,
            AddressInUse used => $"{used.Address} belongs to the VM {used.Vm}",
            HasOther other => $"the VM {other.Vm} has {other.Has} and cannot be given {other.Wanted} as well",
            Cooling cooling =>
                $"{cooling.Address}, which {cooling.Vm} gave back, is kept from others until {cooling.Until:O}",
            Reserved reserved => $"{reserved.Address} is not given to VMs: {reserved.Reason}",
            NoneFree none => none.Message,
            PortInUse port => port.Message,
            _ => throw new System.Diagnostics.UnreachableException(),
        };
}
