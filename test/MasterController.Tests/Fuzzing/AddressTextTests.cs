using CsCheck;
using MasterController.Core.External;
using MasterController.Core.HostNetwork.Policies;
using MasterController.Core.Vms;
using MasterController.Linux.Addresses;
using Xunit;

namespace MasterController.Tests.Fuzzing;

/// <summary>Any text is read or refused, and what was read is written so that it is read as the same again.</summary>
public sealed class AddressTextTests
{
    private const int Iterations = 15_000;

    private static readonly Gen<string> _likeAddresses = Gen.OneOf(
        Gen.String[Gen.Char["0123456789abcdefABCDEF:./-[] %\u0660\u200b"], 0, 50],
        Gen.Select(Gen.UInt, Gen.Int[-1, 40], (value, prefix) => $"{new Ipv4Address(value)}/{prefix}"),
        Gen.Select(Gen.UInt, Gen.UInt[0, 99_999], (value, port) => $"{new Ipv4Address(value)}:{port}/tcp"),
        Gen.Select(Gen.ULong, Gen.ULong, Gen.Int[-1, 140], (high, low, prefix) => $"{Ipv6(high, low)}/{prefix}"),
        Gen.Select(Gen.ULong, Gen.ULong, Gen.UInt[0, 99_999], (high, low, port) => $"[{Ipv6(high, low)}]:{port}/udp"),
        Gen.Select(
            Gen.OneOf("tcp/", "udp/", "icmp", "all", ""),
            Gen.UInt[0, 70_000],
            Gen.UInt[0, 70_000],
            (p, a, b) => $"{p}{a}-{b}"
        ),
        Gen.String
    );

    [Fact]
    public void Addresses() =>
        _likeAddresses.Sample(
            text =>
            {
                Check(Ipv4Address.TryParse(text, out var v4), v4, v => Ipv4Address.Parse($"{v}"));
                Check(Ipv6Address.TryParse(text, out var v6), v6, v => Ipv6Address.Parse($"{v}"));
                Check(IpAddress.TryParse(text, out var ip), ip, v => IpAddress.Parse($"{v}"));
                Check(
                    MacAddress.TryParse(text, out var mac),
                    mac,
                    v => MacAddress.TryParse($"{v}", out var m) ? m : default
                );
            },
            iter: Iterations
        );

    [Fact]
    public void Every_address_is_read_as_it_is_written() =>
        Gen.Select(Gen.UInt, Gen.ULong, Gen.ULong)
            .Sample(
                (value, high, low) =>
                {
                    var v4 = new Ipv4Address(value);
                    var v6 = Ipv6(high & (low % 3 == 0 ? 0xffff : ulong.MaxValue), low % 5 == 0 ? 0 : low);
                    Assert.Equal(v4, Ipv4Address.Parse($"{v4}"));
                    Assert.Equal(v6, Ipv6Address.Parse($"{v6}"));
                    Assert.Equal($"{v6}", $"{System.Net.IPAddress.Parse($"{v6}")}");
                },
                iter: Iterations
            );

    [Fact]
    public void Networks() =>
        _likeAddresses.Sample(
            text =>
            {
                var is4 = Ipv4Network.TryParse(text, out var v4, out var error4);
                Check(is4, v4, v => Ipv4Network.Parse($"{v}"));
                var is6 = Ipv6Network.TryParse(text, out var v6, out var error6);
                Check(is6, v6, v => Ipv6Network.Parse($"{v}"));
                var isAny = IpNetwork.TryParse(text, out var any, out var error);
                Check(isAny, any, v => IpNetwork.Parse($"{v}"));
                Assert.Equal(is4 || is6, isAny);
                Assert.Equal((is4, is6, isAny), (error4 is null, error6 is null, error is null));
            },
            iter: Iterations
        );

    [Fact]
    public void Egress_rules() =>
        _likeAddresses.Sample(
            text =>
            {
                var isRule = EgressRule.TryParse(text, out var rule, out var error);
                Assert.Equal(isRule, error is null);
                Check(isRule, rule, v => EgressRule.Parse($"{v}"));
            },
            iter: Iterations
        );

    [Fact]
    public void Ports_and_services() =>
        _likeAddresses.Sample(
            text =>
            {
                var isPorts = ExternalText.TryReadPorts(text, out var ports, out var error);
                Assert.Equal(isPorts, error is null);
                Check(isPorts, ports, v => ExternalText.TryReadPorts($"{v}", out var p, out _) ? p : default);
                Assert.Equal(ExternalText.TryReadService(text, out _, out var wrong), wrong is null);
            },
            iter: Iterations
        );

    [Fact]
    public void Cursors()
    {
        Gen.OneOf(Gen.String, Gen.String[Gen.Char["0123456789abcdefABCDEFx. -+"], 0, 24])
            .Sample(
                text =>
                {
                    try
                    {
                        VmCursor.Parse(text);
                    }
                    catch (FormatException)
                    {
                        // What the endpoint answers with 400.
                    }
                },
                iter: Iterations
            );
    }

    [Fact]
    public void Wishes_for_VMs_are_taken_or_refused_by_field()
    {
        var text = Gen.OneOf(
            Gen.Const((string?)null),
            Gen.String.Select(s => (string?)s),
            Gen.Const((string?)"default")
        );
        Gen.Select(text, text, text, Gen.OneOf(Gen.Int, Gen.Int[1, 32]), Gen.OneOf(Gen.Int, Gen.Int[64, 9999]), text)
            .Sample(
                (a, b, c, vcpus, memory, ipv6) =>
                {
                    var labels = a is null ? null : new Dictionary<string, string> { [a] = b! };
                    var request = new VmRequest(
                        a,
                        b,
                        c,
                        a,
                        labels,
                        b,
                        c,
                        vcpus,
                        memory,
                        a,
                        new EgressRequest(b, [c!], [a!]),
                        null,
                        ipv6
                    );
                    var spec = VmSpec.TryCreate(request, "vm-0123456789ab", VmSettings.Default, out var errors);
                    Assert.Equal(spec is null, errors.Count > 0);
                    Assert.All(errors, e => Assert.True(e.Key.Length > 0 && e.Value.Length > 0));
                },
                iter: 10_000
            );
    }

    private static void Check<T>(bool isRead, T value, Func<T, T> again)
    {
        if (isRead)
            Assert.Equal(value, again(value));
    }

    private static Ipv6Address Ipv6(ulong high, ulong low) => new(((UInt128)high << 64) | low);
}
