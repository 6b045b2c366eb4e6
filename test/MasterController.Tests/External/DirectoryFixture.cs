using MasterController.Core.External;
using MasterController.Core.HostNetwork.Dedicated;
using MasterController.Core.HostNetwork.Policies;
using MasterController.Core.Store;
using MasterController.Core.Vms;
using MasterController.Linux.Addresses;
using MasterController.Tests.Store;
using MasterController.Tests.Vms;
using Microsoft.Extensions.Time.Testing;

namespace MasterController.Tests.External;

/// <summary>A directory over a store in memory, with VMs whose records say who has what.</summary>
internal sealed class DirectoryFixture
{
    private readonly Dictionary<string, VmRecord> _vms = [];

    public DirectoryFixture(string ipv6 = "2001:db8:1250::/64", string ipv4 = "203.0.113.32/29", int cooldown = 30)
    {
        Settings = new ExternalSettings(
            new ExternalNetworks(Ipv6Network.Parse(ipv6), Wish: null, [Ipv4Network.Parse(ipv4)]),
            new PortRange(20_000, 20_009),
            TimeSpan.FromSeconds(cooldown)
        );
        Directory = new ExternalDirectory(() => Settings, Clock);
    }

    public ExternalSettings Settings { get; set; }

    public FakeTimeProvider Clock { get; } = new(DateTimeOffset.UnixEpoch.AddYears(50));

    public InMemoryStateStore Store { get; } = new();

    public ExternalDirectory Directory { get; }

    public IReadOnlyDictionary<string, VmRecord> Vms => _vms;

    public ExternalAccess Of(string vm) => _vms[vm].External ?? ExternalAccess.None;

    public VmRecord Vm(string id, string address = "192.168.100.2") =>
        _vms[id] = TestVms.Record(id) with { Address = Ipv4Address.Parse(address), CreatedAt = Clock.GetUtcNow() };

    /// <summary>Takes, stores and settles, as a change of VMs does; null when it was done.</summary>
    public async Task<ExternalRefusal?> ChangeAsync(params (string Vm, ExternalAccess After)[] changes)
    {
        ExternalVmChange[] all = [.. changes.Select(c => ExternalVmChange.Of(_vms[c.Vm], c.After))];
        if (Directory.TryBegin(all, "address", out var reservation) is { } refusal)
            return refusal;
        VmRecord[] after = [.. changes.Select(c => _vms[c.Vm] with { External = c.After.OrNull() })];
        try
        {
            await Store.CommitAsync([.. after.Select(vm => new StoreChange.VmSaved(vm)), .. reservation.Rows]);
        }
        catch (StoreException)
        {
            Directory.Revoke(reservation);
            throw;
        }
        Directory.Commit(reservation);
        foreach (var vm in after)
        {
            _vms[vm.Id] = vm;
            Directory.Settle(vm.Id, vm.External);
        }
        return null;
    }

    public async Task DeleteAsync(string vm)
    {
        ExternalVmChange[] gone = [ExternalVmChange.Of(_vms[vm], ExternalAccess.None)];
        Xunit.Assert.Null(Directory.TryBegin(gone, "address", out var reservation));
        await Store.CommitAsync([new StoreChange.VmDeleted(vm), .. reservation.Rows]);
        Directory.Commit(reservation);
        Directory.Settle(vm);
        _vms.Remove(vm);
    }

    /// <summary>What a controller that starts now would know.</summary>
    public async Task<ExternalDirectory> ReloadAsync()
    {
        var loaded = new ExternalDirectory(() => Settings, Clock);
        loaded.Load(await Store.LoadAsync(CancellationToken.None));
        return loaded;
    }

    public static PortForward Forward(string id, ushort first, ushort last, string? address = null) =>
        new(
            id,
            address is null ? null : Ipv4Address.Parse(address),
            EgressProtocol.Tcp,
            new PortRange(first, last),
            80,
            SourceNetworks.Everybody
        );
}
