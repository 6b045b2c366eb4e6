using System.Diagnostics;
using MasterController.Core.HostNetwork;
using MasterController.Linux.Addresses;
using Xunit;

namespace MasterController.LinuxTests.HostNetwork;

public sealed class ProbeTests
{
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(500);
    private static readonly Attachment A = TestHost.At("192.168.100.2");
    private static readonly Attachment B = TestHost.At("192.168.100.3");

    [Fact]
    public async Task One_that_answers_both_ends_the_wait()
    {
        await using var host = await StartAsync();
        using var guest = await host.PlugInAsync(A);
        await using var life = new AnsweringGuest(guest);
        var began = Stopwatch.GetTimestamp();

        var answers = await ProbeAsync(host, Long, A);

        Assert.Equal(new ProbeAnswer(Arp: true, Icmp: true), answers[A.Address]);
        Assert.True(Stopwatch.GetElapsedTime(began) < Long / 2);
    }

    [Fact]
    public async Task The_question_comes_from_the_guests_own_gateway()
    {
        await using var host = await TestHost.StartAsync();
        var other = Ipv4Address.Parse("192.168.0.1");
        var moved = B with { Gateway = other };
        await host.ApplyAsync(
            new DesiredNetwork(
                [new PoolNetwork(Ipv4Network.Parse("192.168.0.0/16"), [TestHost.Gateway, other], false)],
                [A, moved]
            )
        );
        using var guest = await host.PlugInAsync(A);
        using var second = await host.PlugInAsync(moved);
        await using var life = new AnsweringGuest(guest);
        await using var secondLife = new AnsweringGuest(second);

        var answers = await ProbeAsync(host, Long, A, moved);

        Assert.All(answers.Values, answer => Assert.Equal(new ProbeAnswer(true, true), answer));
        Assert.Equal([TestHost.Gateway], life.AskedFrom);
        Assert.Equal([other], secondLife.AskedFrom);
    }

    [Fact]
    public async Task One_with_a_firewall_answers_arp_only_and_a_dead_one_nothing()
    {
        await using var host = await StartAsync();
        using var guest = await host.PlugInAsync(A);
        await using var life = new AnsweringGuest(guest) { Echo = false };

        var answers = await ProbeAsync(host, Short, A, B);

        Assert.Equal(new ProbeAnswer(Arp: true, Icmp: false), answers[A.Address]);
        Assert.Equal(new ProbeAnswer(Arp: false, Icmp: false), answers[B.Address]);
    }

    [Fact]
    public async Task One_that_has_no_tap_is_in_the_result_without_an_answer()
    {
        await using var host = await StartAsync();
        var stranger = TestHost.At("192.168.100.9");

        var answers = await ProbeAsync(host, Short, stranger);

        Assert.False(answers[stranger.Address].Any);
    }

    [Fact]
    public async Task One_that_was_deaf_at_first_is_asked_again()
    {
        await using var host = await StartAsync();
        using var guest = await host.PlugInAsync(A);
        await using var life = new AnsweringGuest(guest) { Deaf = 4 };

        var answers = await ProbeAsync(host, TimeSpan.FromSeconds(5), A);

        Assert.Equal(new ProbeAnswer(true, true), answers[A.Address]);
    }

    [Fact]
    public async Task An_answer_in_anothers_name_is_not_believed()
    {
        await using var host = await StartAsync();
        using var liar = await host.PlugInAsync(A);
        using var silent = await host.PlugInAsync(B);
        // Whatever the silent one is asked, the other answers out of its own TAP in its name.
        await using var forgery = new AnsweringGuest(silent) { AnswersThrough = liar };

        var answers = await ProbeAsync(host, Short, A, B);

        Assert.True(forgery.Answered > 0);
        Assert.False(answers[A.Address].Any);
        Assert.False(answers[B.Address].Any);
    }

    [Fact]
    public async Task An_answer_with_anothers_hardware_address_is_not_believed()
    {
        await using var host = await StartAsync();
        using var guest = await host.PlugInAsync(A);
        await using var life = new AnsweringGuest(guest) { Mac = new MacAddress(0x0200_0000_0077), Echo = false };

        Assert.False((await ProbeAsync(host, Short, A))[A.Address].Any);
        Assert.True(life.Answered > 0);
    }

    [Fact]
    public async Task Two_hundred_and_fifty_are_asked_at_once()
    {
        await using var host = await TestHost.StartAsync();
        Attachment[] all = [.. Enumerable.Range(2, 250).Select(i => TestHost.At($"192.168.100.{i}"))];
        await host.ApplyAsync(TestHost.Desired(all));
        var guests = new List<Guest>();
        var lives = new List<AnsweringGuest>();
        foreach (var attachment in all.Where((_, i) => i % 10 == 0))
        {
            guests.Add(await host.PlugInAsync(attachment));
            lives.Add(new AnsweringGuest(guests[^1]));
        }
        var began = Stopwatch.GetTimestamp();

        var answers = await ProbeAsync(host, TimeSpan.FromSeconds(3), all);

        Assert.True(Stopwatch.GetElapsedTime(began) < TimeSpan.FromSeconds(10));
        Assert.Equal(250, answers.Count);
        Assert.Equal(
            all.Where((_, i) => i % 10 == 0).Select(attachment => attachment.Address),
            answers.Where(answer => answer.Value == new ProbeAnswer(true, true)).Select(answer => answer.Key).Order()
        );
        foreach (var life in lives)
            await life.DisposeAsync();
        guests.ForEach(guest => guest.Dispose());
    }

    [Fact]
    public async Task A_probe_can_be_cancelled()
    {
        await using var host = await StartAsync();
        using var cancellation = new CancellationTokenSource(TimeSpan.FromMilliseconds(100));
        var began = Stopwatch.GetTimestamp();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            host.Network.ProbeAsync([A], Long, cancellation.Token)
        );

        Assert.True(Stopwatch.GetElapsedTime(began) < Long / 2);
    }

    private static async Task<TestHost> StartAsync()
    {
        var host = await TestHost.StartAsync();
        await host.ApplyAsync(TestHost.Desired(A, B));
        return host;
    }

    private static Task<IReadOnlyDictionary<Ipv4Address, ProbeAnswer>> ProbeAsync(
        TestHost host,
        TimeSpan atMost,
        params Attachment[] attachments
    ) => host.Network.ProbeAsync(attachments, atMost, TestContext.Current.CancellationToken);
}
