using System.Buffers.Binary;
using System.Diagnostics;
using MasterController.Core.HostNetwork;
using MasterController.Linux.Addresses;
using MasterController.Linux.Namespaces;
using MasterController.LinuxTests.HostNetwork.Policies;
using Xunit;
using static MasterController.LinuxTests.HostNetwork.Policies.PoliciesInWords;

namespace MasterController.LinuxTests.HostNetwork.Advertisements;

/// <summary>Guests that are told of their router, and what a kernel makes of it.</summary>
public sealed class RouterAdvertiserTests
{
    // What a guest with this MAC calls itself.
    private static readonly Attachment A = Ipv6Path.With(
        TestHost.At("192.168.100.2"),
        "2001:db8:1250::fc:c0ff:fea8:6402"
    ) with
    {
        AdvertisesRouter = true,
        AdvertisedResolvers = [Ipv6Address.Parse("2001:db8::53")],
    };

    private static readonly Attachment B = Ipv6Path.With(TestHost.At("192.168.100.3"), "2001:db8:1250::100:3");

    [Fact]
    public async Task One_that_asks_is_answered_before_any_firewall_and_others_are_told_nothing()
    {
        await using var host = await StartAsync(A, B);
        using var guest = await host.PlugInAsync(A);
        using var other = await host.PlugInAsync(B);
        other.Send(Frames.RouterSolicitation(B.Mac));

        var asked = Stopwatch.GetTimestamp();
        guest.Send(Solicitation(A));
        var answer = guest.Receive(IsAdvertisement, probe: null);

        Assert.InRange(Stopwatch.GetElapsedTime(asked), TimeSpan.Zero, TimeSpan.FromSeconds(5));
        Assert.Equal(HostNetworkMarks.RouterMac, MacAddress.FromBytes(answer.AsSpan(6, 6)));
        Assert.Equal(HostNetworkMarks.Gateway6, Ipv6Address.FromBytes(answer.AsSpan(22, 16)));
        Assert.Equal(1800, BinaryPrimitives.ReadUInt16BigEndian(answer.AsSpan(60)));
        Assert.Equal(Ipv6Address.Parse("2001:db8::53"), Ipv6Address.FromBytes(answer.AsSpan(^16)));
        while (other.TryReceive(TimeSpan.FromMilliseconds(50)) is { } frame)
            Assert.False(IsAdvertisement(frame));
    }

    [Fact]
    public async Task Each_change_is_told_at_once_and_what_is_taken_away_is_withdrawn()
    {
        await using var host = await StartAsync(A with { AdvertisesRouter = false });
        using var guest = await host.PlugInAsync(A);

        await host.ChangeAsync(A);
        Assert.Equal(1800, Lifetime(guest.Receive(IsAdvertisement, probe: null)));

        await host.ChangeAsync(A with { AdvertisesRouter = false });
        Assert.Equal(0, Lifetime(guest.Receive(IsAdvertisement, probe: null)));
    }

    [Fact]
    public async Task A_kernel_makes_its_address_of_it_and_reaches_the_far_side_through_the_router()
    {
        await using var host = await StartAsync(A);
        host.LayIpv6();
        using var tap = await host.PlugInAsync(A);
        using var guest = NetworkNamespace.Create();
        using var cable = Cable.Lay(guest, A.Mac);
        cable.Connect(tap);

        await UntilAsync(() =>
            TestHost.Run(guest, "ip -6 address show dev eth0 scope global").Contains($"{A.External!.Ipv6}/64")
            && TestHost.Run(guest, "ip -6 route show default").Contains("via fe80::1 dev eth0 proto ra")
        );

        // The prefix is not on the link: others in it are behind the router as well.
        Assert.Contains("via fe80::1", TestHost.Run(guest, "ip -6 route get 2001:db8:1250::7"));
        TestHost.Run(guest, $"ping -6 -c 1 -w 10 {Ipv6Path.Internet}");
    }

    [Fact]
    public async Task A_guest_that_asks_without_end_takes_no_answer_from_others()
    {
        var also = Ipv6Path.With(TestHost.At("192.168.100.3"), "2001:db8:1250::fc:c0ff:fea8:6403") with
        {
            AdvertisesRouter = true,
        };
        await using var host = await StartAsync(A, also);
        using var guest = await host.PlugInAsync(A);
        using var other = await host.PlugInAsync(also);
        var question = Solicitation(A);
        var began = Stopwatch.GetTimestamp();
        var answers = 0;
        var answered = false;

        while (Stopwatch.GetElapsedTime(began) < TimeSpan.FromSeconds(6))
        {
            for (var i = 0; i < 100; i++)
                guest.Send(question);
            if (!answered)
                other.Send(Solicitation(also));
            while (guest.TryReceive(TimeSpan.FromMilliseconds(1)) is { } frame)
                answers += IsAdvertisement(frame) ? 1 : 0;
            while (other.TryReceive(TimeSpan.FromMilliseconds(1)) is { } frame)
                answered |= IsAdvertisement(frame);
        }

        Assert.True(answered);
        Assert.InRange(answers, 1, 4);
    }

    private static int Lifetime(byte[]? advertisement) =>
        BinaryPrimitives.ReadUInt16BigEndian(advertisement.AsSpan(60));

    private static bool IsAdvertisement(byte[] frame) =>
        frame.Length > 70 && frame[12] == 0x86 && frame[13] == 0xdd && frame[20] == 58 && frame[54] == 134;

    /// <summary>With a checksum, which a router looks at.</summary>
    private static byte[] Solicitation(Attachment attachment)
    {
        var frame = Frames.RouterSolicitation(attachment.Mac);
        attachment.LinkLocal.WriteBytes(frame.AsSpan(22));
        BinaryPrimitives.WriteUInt16BigEndian(
            frame.AsSpan(56),
            MasterController.Linux.Advertisements.Icmp6.Checksum(frame)
        );
        return frame;
    }

    private static async Task UntilAsync(Func<bool> holds)
    {
        for (var tries = 0; !holds(); tries++)
        {
            Assert.True(tries < 400, "it does not come");
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }
    }
}
