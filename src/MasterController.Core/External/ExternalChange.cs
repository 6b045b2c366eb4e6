using System.Security.Cryptography;
using MasterController.Core.Access;
using MasterController.Core.HostNetwork.Dedicated;
using MasterController.Core.Vms;
using MasterController.Linux.Addresses;

namespace MasterController.Core.External;

/// <summary>A change of how VMs are reached from outside, as it is remembered.</summary>
/// <param name="Action">One of <see cref="ExternalAction"/>.</param>
/// <param name="Summary">One sentence for a person.</param>
/// <param name="By">Who asked for it, as in the audit log.</param>
public sealed record ExternalChange(
    string Id,
    DateTimeOffset Time,
    string Action,
    string Summary,
    IReadOnlyList<ExternalVmChange> Vms,
    string By = Actor.Controller
)
{
    /// <summary>VMs by id, and the dedicated addresses that VMs got or lost: what it is found by.</summary>
    public IEnumerable<string> Subjects =>
        Vms.Select(v => v.Vm)
            .Concat(
                Vms.SelectMany(v => v.Before.Addresses().Except(v.After.Addresses()).Concat(Gained(v)))
                    .Select(a => a.ToString())
            )
            .Distinct();

    /// <summary>"ext-" and twelve hex digits.</summary>
    public static string NewId() => $"ext-{RandomNumberGenerator.GetHexString(12, lowercase: true)}";

    private static IEnumerable<IpAddress> Gained(ExternalVmChange change) =>
        change.After.Addresses().Except(change.Before.Addresses());
}

/// <param name="Vm">The VM's id.</param>
/// <param name="Address">Of the guest in its pool.</param>
public sealed record ExternalVmChange(
    string Vm,
    string Name,
    Ipv4Address Address,
    ExternalAccess Before,
    ExternalAccess After
)
{
    public static ExternalVmChange Of(VmRecord vm, ExternalAccess after) =>
        new(vm.Id, vm.Name, vm.Address, vm.External ?? ExternalAccess.None, after);
}

public static class ExternalAction
{
    public const string Create = "create";
    public const string Delete = "delete";
    public const string Open = "open";
    public const string Close = "close";
    public const string AttachAddress = "attach-address";
    public const string DetachAddress = "detach-address";
    public const string AddForward = "add-forward";
    public const string DeleteForward = "delete-forward";
    public const string Rollback = "rollback";
}

/// <param name="Total">How many there are without a limit.</param>
public sealed record ExternalPast(IReadOnlyList<ExternalChange> Items, int Total);

internal static class ExternalAccessParts
{
    /// <summary>The dedicated addresses that a VM has.</summary>
    internal static IEnumerable<IpAddress> Addresses(this ExternalAccess access)
    {
        if (access.PublicIpv4 is { } ipv4)
            yield return ipv4;
        if (access.Ipv6 is { } ipv6)
            yield return ipv6;
    }

    /// <summary>
    /// What was opened ends with the last address that it was for, so that an address that comes later is closed until it
    /// is opened.
    /// </summary>
    internal static ExternalAccess ClosedWithoutAddress(this ExternalAccess access) =>
        access is { Ipv6: null, PublicIpv4: null, Open.Count: > 0 } ? access with { Open = [] } : access;

    /// <summary>As a record has it: null for nothing.</summary>
    internal static ExternalAccess? OrNull(this ExternalAccess access) => access.IsNone ? null : access;
}
