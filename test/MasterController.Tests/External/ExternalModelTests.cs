using CsCheck;
using MasterController.Core.External;
using MasterController.Core.HostNetwork.Dedicated;
using MasterController.Core.Store;
using MasterController.Linux.Addresses;
using Xunit;

namespace MasterController.Tests.External;

/// <summary>Random changes against a model of a few lines: who has what, and what cools.</summary>
public sealed class ExternalModelTests
{
    private static readonly Gen<(int Kind, int Vm, int What)[]> _steps = Gen.Select(
        Gen.Int[0, 11],
        Gen.Int[0, 4],
        Gen.Int[0, 9]
    ).Array[1, 80];

    [Fact]
    public async Task Any_sequence_of_changes_does_as_the_model_says_and_a_restart_knows_the_same() =>
        await _steps.SampleAsync(
            async steps =>
            {
                var fixture = new DirectoryFixture();
                var model = new Model();
                foreach (var step in steps)
                {
                    await StepAsync(fixture, model, step);
                    await AssertSameAsync(fixture, model);
                }
            },
            iter: 300
        );

    private static async Task StepAsync(DirectoryFixture fixture, Model model, (int Kind, int Vm, int What) step)
    {
        var vm = $"vm-{step.Vm}";
        var now = fixture.Clock.GetUtcNow();
        if (step.Kind == 0)
        {
            fixture.Clock.Advance(TimeSpan.FromSeconds(step.What * 6));
            return;
        }
        if (!fixture.Vms.ContainsKey(vm))
        {
            fixture.Vm(vm, $"192.168.100.{step.Vm + 2}");
            await fixture.Store.CommitAsync(new StoreChange.VmSaved(fixture.Vms[vm]));
            return;
        }
        var has = fixture.Of(vm);
        IpAddress address =
            step.What % 2 == 0
                ? Ipv4Address.Parse($"203.0.113.{33 + (step.What / 2)}")
                : Ipv6Address.Parse($"2001:db8:1250::{step.What}");
        switch (step.Kind)
        {
            case <= 3: // attach
            {
                if (has.Addresses().Any(a => a.IsIpv6 == address.IsIpv6))
                    return;
                var refusal = await fixture.ChangeAsync((vm, With(has, address)));
                Assert.Equal(model.MayTake(address, vm, now), refusal is null);
                if (refusal is null)
                    model.Take(address, vm);
                break;
            }
            case <= 5: // detach
                if (!has.Addresses().Contains(address))
                    return;
                Assert.Null(await fixture.ChangeAsync((vm, Without(has, address))));
                model.GiveBack(address, now);
                break;
            case <= 7: // move
            {
                if (
                    model.Owners.GetValueOrDefault(address) is not { } giver
                    || giver == vm
                    || has.Addresses().Any(a => a.IsIpv6 == address.IsIpv6)
                )
                    return;
                Assert.Null(
                    await fixture.ChangeAsync((giver, Without(fixture.Of(giver), address)), (vm, With(has, address)))
                );
                model.Owners[address] = vm;
                break;
            }
            case 8: // forward
            {
                var first = (ushort)(8000 + (step.What / 2));
                var forward = DirectoryFixture.Forward(
                    $"fwd_{model.Made++}",
                    first,
                    (ushort)(first + (step.What % 2)),
                    step.Vm == 0 ? null : $"198.51.100.{step.Vm}"
                );
                var refusal = await fixture.ChangeAsync((vm, has with { Forwards = [.. has.Forwards, forward] }));
                Assert.Equal(!model.Forwards.Any(f => Collide(f.Forward, forward)), refusal is null);
                if (refusal is null)
                    model.Forwards.Add((vm, forward));
                break;
            }
            case 9: // end a forward
                if (has.Forwards.Count == 0)
                    return;
                var gone = has.Forwards[step.What % has.Forwards.Count];
                Assert.Null(
                    await fixture.ChangeAsync((vm, has with { Forwards = [.. has.Forwards.Where(f => f != gone)] }))
                );
                model.Forwards.RemoveAll(f => f.Forward == gone);
                break;
            case 10: // the store refuses
                fixture.Store.Refuses = _ => true;
                if (!has.Addresses().Any(a => a.IsIpv6 == address.IsIpv6) && model.MayTake(address, vm, now))
                    await Assert.ThrowsAsync<StoreException>(() => fixture.ChangeAsync((vm, With(has, address))));
                fixture.Store.Refuses = _ => false;
                break;
            default: // delete
                await fixture.DeleteAsync(vm);
                foreach (var held in model.Owners.Where(o => o.Value == vm).Select(o => o.Key).ToArray())
                    model.GiveBack(held, now);
                model.Forwards.RemoveAll(f => f.Vm == vm);
                break;
        }
    }

    private static async Task AssertSameAsync(DirectoryFixture fixture, Model model)
    {
        var now = fixture.Clock.GetUtcNow();
        string[] expected =
        [
            .. model.Owners.Select(o => $"{o.Key} {o.Value} used").Order(StringComparer.Ordinal),
            .. model
                .Cooling.Where(c => c.Value.Until > now)
                .Select(c => $"{c.Key} {c.Value.Vm} cools until {c.Value.Until:O}")
                .Order(StringComparer.Ordinal),
        ];
        var reloaded = await fixture.ReloadAsync();
        foreach (var directory in new[] { fixture.Directory, reloaded })
        {
            var leases = directory.Leases;
            string[] found =
            [
                .. leases
                    .Where(l => l.ReleasedAt is null)
                    .Select(l => $"{l.Address} {l.Vm} used")
                    .Order(StringComparer.Ordinal),
                .. leases
                    .Where(l => l.ReleasedAt is not null)
                    .Select(l => $"{l.Address} {l.Vm} cools until {directory.UntilOf(l):O}")
                    .Order(StringComparer.Ordinal),
            ];
            Assert.Equal(expected, found);
            Assert.All(model.Forwards, f => Assert.Equal(f.Vm, directory.HolderOf(f.Forward.Id)));
        }
        Assert.Equal(fixture.Directory.Leases, reloaded.Leases);
        Assert.Equal(fixture.Directory.Counts([]), reloaded.Counts([]));
    }

    private static ExternalAccess With(ExternalAccess access, IpAddress address) =>
        address.IsIpv6 ? access with { Ipv6 = address.Ipv6 } : access with { PublicIpv4 = address.Ipv4 };

    private static ExternalAccess Without(ExternalAccess access, IpAddress address) =>
        address.IsIpv6 ? access with { Ipv6 = null } : access with { PublicIpv4 = null };

    private static bool Collide(PortForward one, PortForward other) =>
        (one.HostAddress is null || other.HostAddress is null || one.HostAddress == other.HostAddress)
        && one.HostPorts.First <= other.HostPorts.Last
        && other.HostPorts.First <= one.HostPorts.Last;

    private sealed class Model
    {
        public Dictionary<IpAddress, string> Owners { get; } = [];

        public Dictionary<IpAddress, (string Vm, DateTimeOffset Until)> Cooling { get; } = [];

        public List<(string Vm, PortForward Forward)> Forwards { get; } = [];

        public int Made { get; set; }

        public bool MayTake(IpAddress address, string vm, DateTimeOffset now) =>
            !Owners.ContainsKey(address)
            && (!Cooling.TryGetValue(address, out var cooling) || cooling.Vm == vm || cooling.Until <= now);

        public void Take(IpAddress address, string vm)
        {
            Owners.Add(address, vm);
            Cooling.Remove(address);
        }

        public void GiveBack(IpAddress address, DateTimeOffset now)
        {
            Cooling[address] = (Owners[address], now.AddSeconds(30));
            Owners.Remove(address);
        }
    }
}
