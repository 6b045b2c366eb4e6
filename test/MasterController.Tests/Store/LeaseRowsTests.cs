using MasterController.Core.Addressing;
using MasterController.Core.Store;
using Xunit;

namespace MasterController.Tests.Store;

public sealed class LeaseRowsTests
{
    /// <summary>Several blocks and a part of one.</summary>
    private const int Many = 10_000;

    private readonly LeaseRows _rows = new();

    [Fact]
    public void All_that_was_added_is_there_as_often_as_one_looks()
    {
        Add(0, Many);
        _rows.End();
        Assert.Equal(Many, _rows.Count);
        for (var times = 0; times < 2; times++)
            Assert.Equal(Enumerable.Range(0, Many).Select(LeaseOf), _rows);
        Assert.Equal(LeaseOf(Many - 1), _rows[Many - 1]);
        Assert.Throws<ArgumentOutOfRangeException>(() => _rows[Many]);
    }

    [Fact]
    public async Task Who_enumerates_follows_who_reads_and_ends_with_it()
    {
        using var leases = _rows.GetEnumerator();
        Add(0, Many / 2);
        for (var i = 0; i < Many / 4; i++)
        {
            Assert.True(leases.MoveNext());
            Assert.Equal(LeaseOf(i), leases.Current);
        }
        var count = Task.Run(() => _rows.Count, TestContext.Current.CancellationToken);
        var rest = Task.Run(
            () =>
            {
                List<Lease> rest = [];
                while (leases.MoveNext())
                    rest.Add(leases.Current);
                return rest;
            },
            TestContext.Current.CancellationToken
        );
        Add(Many / 2, Many);
        Assert.False(count.IsCompleted);
        Assert.False(rest.IsCompleted);
        _rows.End();
        Assert.Equal(Many, await count);
        Assert.Equal(Enumerable.Range(Many / 4, Many - (Many / 4)).Select(LeaseOf), await rest);
    }

    [Fact]
    public void A_failure_to_read_is_thrown_behind_what_was_read()
    {
        Add(0, Many);
        _rows.End(new StoreUnusableException("torn"));
        Assert.Equal(LeaseOf(Many - 1), _rows[Many - 1]);
        Assert.Equal("torn", Assert.Throws<StoreUnusableException>(() => _rows.ToArray()).Message);
        Assert.Throws<StoreUnusableException>(() => _rows.Count);
    }

    [Fact]
    public void There_may_be_none()
    {
        _rows.End();
        Assert.Empty(_rows);
        Assert.Throws<ArgumentOutOfRangeException>(() => _rows[0]);
    }

    private void Add(int from, int to)
    {
        for (var i = from; i < to; i++)
        {
            var lease = LeaseOf(i);
            _rows.Add(lease.Pool, lease.Address, lease.Owner, lease.Since.UtcTicks);
        }
    }

    private static Lease LeaseOf(int number) =>
        new("default", new((10U << 24) + (uint)number), $"vm-{number}", DateTimeOffset.UnixEpoch.AddSeconds(number));
}
