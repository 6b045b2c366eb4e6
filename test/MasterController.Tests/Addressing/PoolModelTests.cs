using CsCheck;
using MasterController.Core.Addressing;
using MasterController.Core.Store;
using MasterController.Linux.Addresses;
using Xunit;

namespace MasterController.Tests.Addressing;

/// <summary>Random sequences against a model so plain that it can be believed.</summary>
public sealed class PoolModelTests
{
    private const int CooldownSeconds = 30;

    private static readonly Gen<(int Kind, int Owner, int Address)[]> _steps = Gen.Select(
        Gen.Int[0, 9],
        Gen.Int[0, 11],
        Gen.Int[0, 19]
    ).Array[1, 120];

    [Fact]
    public async Task Any_sequence_of_leases_releases_refusals_and_restarts_does_as_the_model_says() =>
        await _steps.SampleAsync(
            async steps =>
            {
                using var pool = await PoolFixture.WithAsync(
                    new RangeRequest("192.0.2.0/28", Last: "192.0.2.9", Reservations: ["192.0.2.4/31"]),
                    new RangeRequest("198.51.100.0/29")
                );
                var model = new Model(pool.Directory.Pools[0]);
                foreach (var step in steps)
                {
                    pool.Clock.Advance(TimeSpan.FromTicks(1));
                    await StepAsync(pool, model, step);
                    model.AssertSame(pool);
                }
            },
            iter: 300
        );

    private static async Task StepAsync(PoolFixture pool, Model model, (int Kind, int Owner, int Address) step)
    {
        var owner = $"vm-{step.Owner}";
        var address = model.Nth(step.Address);
        switch (step.Kind)
        {
            case <= 3:
                Assert.Equal(model.Lease(owner, null, pool.Clock.GetUtcNow()), Told(await pool.TryLeaseAsync(owner)));
                break;
            case 4:
                Assert.Equal(
                    model.Lease(owner, address, pool.Clock.GetUtcNow()),
                    Told(await pool.TryLeaseAsync(owner, address.ToString()))
                );
                break;
            case 5 or 6:
                Assert.Equal(
                    model.Release(address, owner, pool.Clock.GetUtcNow()),
                    await pool.ReleaseAsync(address.ToString(), owner) is ReleaseOutcome.Released
                );
                break;
            case 7:
                pool.Clock.Advance(TimeSpan.FromSeconds(step.Address * 3));
                break;
            case 8:
                await pool.RestartAsync();
                break;
            default:
                await TryRefusedAsync(pool, owner, address);
                break;
        }
    }

    private static async Task TryRefusedAsync(PoolFixture pool, string owner, Ipv4Address address)
    {
        pool.Store.Refuses = _ => true;
        try
        {
            if (address.Value % 2 == 0)
                await pool.TryLeaseAsync(owner);
            else
                await pool.ReleaseAsync(address.ToString(), owner);
        }
        catch (StoreException)
        {
            // As planned; the model knows nothing of it.
        }
        pool.Store.Refuses = _ => false;
    }

    private static string Told(LeaseOutcome outcome) =>
        outcome switch
        {
            LeaseOutcome.Granted(var lease) => $"granted {lease.Address}",
            LeaseOutcome.AlreadyHeld(var lease) => $"held {lease.Address}",
            _ => outcome.GetType().Name,
        };

    private sealed class Model
    {
        private readonly SortedSet<Ipv4Address> _all = [];
        private readonly HashSet<Ipv4Address> _reserved = [];
        private readonly Dictionary<Ipv4Address, string> _held = [];
        private readonly Dictionary<Ipv4Address, (string Owner, DateTimeOffset At)> _cooling = [];

        public Model(PoolDefinition pool)
        {
            foreach (var range in pool.Ranges)
            {
                for (var address = range.First; address <= range.Last; address.TryNext(out address))
                {
                    _all.Add(address);
                    if (range.Reservations.Any(r => r.Contains(address)))
                        _reserved.Add(address);
                }
            }
        }

        public Ipv4Address Nth(int index) => _all.ElementAt(index % _all.Count);

        public string Lease(string owner, Ipv4Address? wanted, DateTimeOffset now)
        {
            Expire(now);
            if (_held.FirstOrDefault(h => h.Value == owner) is { Value: not null } mine)
                return wanted is { } other && other != mine.Key
                    ? nameof(LeaseOutcome.OwnerHoldsOther)
                    : $"held {mine.Key}";
            if (wanted is { } exactly)
            {
                if (_held.ContainsKey(exactly))
                    return nameof(LeaseOutcome.AddressInUse);
                if (_reserved.Contains(exactly))
                    return nameof(LeaseOutcome.Reserved);
                if (_cooling.TryGetValue(exactly, out var cooling) && cooling.Owner != owner)
                    return nameof(LeaseOutcome.Cooling);
                return Grant(exactly, owner);
            }
            var former = _cooling.Where(c => c.Value.Owner == owner).OrderBy(c => c.Value.At).LastOrDefault();
            if (former.Value.Owner is not null)
                return Grant(former.Key, owner);
            foreach (var address in _all)
            {
                if (!_held.ContainsKey(address) && !_cooling.ContainsKey(address) && !_reserved.Contains(address))
                    return Grant(address, owner);
            }
            return nameof(LeaseOutcome.Exhausted);
        }

        public bool Release(Ipv4Address address, string owner, DateTimeOffset now)
        {
            Expire(now);
            if (_held.GetValueOrDefault(address) != owner)
                return false;
            _held.Remove(address);
            _cooling[address] = (owner, now);
            return true;
        }

        public void AssertSame(PoolFixture pool)
        {
            Expire(pool.Clock.GetUtcNow());
            var leases = pool.Directory.Leases(PoolFixture.Pool);
            Assert.Equal(
                _held.OrderBy(h => h.Key).Select(h => (h.Key, h.Value)),
                leases.Select(l => (l.Address, l.Owner))
            );
            var free = _all.Count - _held.Count - _cooling.Count - _reserved.Count;
            Assert.Equal(new PoolCounts(_all.Count, _held.Count, _cooling.Count, _reserved.Count, free), pool.Counts);
        }

        private string Grant(Ipv4Address address, string owner)
        {
            _cooling.Remove(address);
            _held[address] = owner;
            return $"granted {address}";
        }

        private void Expire(DateTimeOffset now)
        {
            foreach (var (address, (_, at)) in _cooling.ToArray())
            {
                if (now - at >= TimeSpan.FromSeconds(CooldownSeconds))
                    _cooling.Remove(address);
            }
        }
    }
}
