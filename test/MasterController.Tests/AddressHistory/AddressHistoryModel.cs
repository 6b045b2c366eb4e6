using MasterController.Core.Addressing;
using MasterController.Linux.Addresses;
using MasterController.Tests.Addressing;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace MasterController.Tests.AddressHistory;

/// <summary>One pool in 192.0.2.0/28 or /27, and each of 32 addresses with who has it and who had it last.</summary>
internal sealed class AddressHistoryModel(PoolDirectory pools, FakeTimeProvider clock)
{
    private const string Pool = PoolFixture.Pool;
    private static readonly TimeSpan _cooldown = TimeSpan.FromSeconds(10);
    private readonly Dictionary<Ipv4Address, string> _held = [];
    private readonly Dictionary<Ipv4Address, (string Owner, DateTimeOffset At)> _cooling = [];
    private readonly HashSet<Ipv4Address> _reserved = [];
    private bool _isThere;
    private bool _isWide;
    private bool _drains;

    public static Ipv4Address[] Addresses { get; } =
    [.. Enumerable.Range(0, 32).Select(i => Ipv4Address.Parse($"192.0.2.{i}"))];

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public string[] Tell() => [.. Addresses.Select(Tell)];

    public async Task StepAsync(int kind, string owner, Ipv4Address address)
    {
        if (!_isThere)
        {
            var created = new PoolRequest(Pool, [new RangeRequest("192.0.2.0/28")], _cooldown);
            Assert.IsType<PoolOutcome.Done>(await pools.CreateAsync(created, Cancelled));
            _isThere = true;
            return;
        }
        switch (kind)
        {
            case <= 3:
                await LeaseAsync(owner, kind == 0 ? address : null);
                break;
            case <= 7:
                var held = _held.ContainsKey(address) ? address : _held.Keys.FirstOrDefault(address);
                if (
                    await pools.ReleaseAsync(Pool, held, _held.GetValueOrDefault(held, owner), null, Cancelled)
                    is ReleaseOutcome.Released(var ended)
                )
                {
                    _held.Remove(held);
                    _cooling[held] = (ended.Owner, clock.GetUtcNow());
                }
                break;
            case 8:
                if (!_reserved.Add(address))
                    _reserved.Remove(address);
                await RedefineAsync();
                break;
            case 9:
                _drains = !_drains;
                await RedefineAsync();
                break;
            default:
                _isWide = !_isWide;
                if (!await RedefineAsync())
                    _isWide = !_isWide;
                break;
        }
    }

    private async Task LeaseAsync(string owner, Ipv4Address? wanted)
    {
        if (await pools.LeaseAsync(Pool, owner, wanted, null, Cancelled) is not LeaseOutcome.Granted(var lease))
            return;
        _held.Add(lease.Address, owner);
        _cooling.Remove(lease.Address);
    }

    private async Task<bool> RedefineAsync()
    {
        var now = pools.Find(Pool)!;
        var range = PoolFixture.Range(
            _isWide ? "192.0.2.0/27" : "192.0.2.0/28",
            [.. _reserved.Where(a => _isWide || a.Value % 32 < 16).Select(a => $"{a}/32")]
        );
        var next = now with
        {
            Version = now.Version + 1,
            Ranges = [range],
            Drains = _drains ? [PoolFixture.Drain("192.0.2.5", "192.0.2.8")] : [],
        };
        if (await pools.RedefineAsync(next, "test", null, [], Cancelled) is not PoolOutcome.Done)
            return false;
        foreach (var left in _cooling.Keys.Where(a => a > range.Last).ToArray())
            _cooling.Remove(left);
        return true;
    }

    private string Tell(Ipv4Address address)
    {
        var last = _isWide ? 31 : 15;
        var number = (int)(address.Value % 32);
        if (!_isThere || number > last)
            return "OutsidePools ";
        if (_held.TryGetValue(address, out var owner))
            return $"Leased {owner}";
        if (number == 0)
            return "Network ";
        if (number == last)
            return "Broadcast ";
        if (number == 1)
            return "Gateway ";
        if (_reserved.Contains(address))
            return "Reserved ";
        if (_drains && number is >= 5 and <= 8)
            return "Draining ";
        return _cooling.TryGetValue(address, out var cooling) && clock.GetUtcNow() < cooling.At + _cooldown
            ? $"Cooling {cooling.Owner}"
            : "Free ";
    }
}
