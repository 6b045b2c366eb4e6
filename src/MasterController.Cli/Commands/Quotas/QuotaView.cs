using MasterController.Cli.Api;
using MasterController.Cli.Terminal;
using MasterController.Contracts;

namespace MasterController.Cli.Commands.Quotas;

/// <summary>What an owner has of what it may have.</summary>
internal static class QuotaView
{
    public static void Print(Session session, Quota quota) =>
        session.Print(
            quota,
            CliJson.Wire.Quota,
            [quota.Owner],
            () =>
                new FieldWriter()
                    .Add("owner", quota.Owner)
                    .Add("limits", quota.Source == "owner" ? "set for this owner" : "as configured")
                    .Add("VMs", Of(quota.Used.Vms, quota.Limits.Vms))
                    .Add("vCPUs", Of(quota.Used.Vcpus, quota.Limits.Vcpus))
                    .Add("memory (MiB)", Of(quota.Used.MemoryMib, quota.Limits.MemoryMib))
                    .Add("addresses", Of(quota.Used.Addresses, quota.Limits.Addresses))
                    .Add("dedicated", Of(quota.Used.DedicatedAddresses, quota.Limits.DedicatedAddresses))
                    .Write(session.Out, session.Terminal.OutInk)
        );

    /// <summary>"7 of 10", or "7" where there is no limit.</summary>
    public static string Of(long? used, long? limit) =>
        limit is > 0 ? $"{Readable.Count(used ?? 0)} of {Readable.Count(limit.Value)}" : Readable.Count(used ?? 0);
}
