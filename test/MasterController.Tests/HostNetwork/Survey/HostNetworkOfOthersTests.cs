using MasterController.Core.HostNetwork.Survey;
using MasterController.Linux.Addresses;
using MasterController.Linux.Netlink;
using Xunit;

namespace MasterController.Tests.HostNetwork.Survey;

public sealed class HostNetworkOfOthersTests
{
    [Theory]
    [InlineData("docker0", "bridge", "Docker")]
    [InlineData("br-0123456789ab", "bridge", "Docker")]
    [InlineData("br-lan", "bridge", null)]
    [InlineData("virbr1", "bridge", "libvirt")]
    [InlineData("podman0", "bridge", "Podman")]
    [InlineData("cni0", "bridge", "Kubernetes")]
    [InlineData("flannel.1", "vxlan", "Kubernetes")]
    [InlineData("lxdbr0", "bridge", "LXD")]
    [InlineData("lxcbr0", "bridge", "LXC")]
    [InlineData("incusbr0", "bridge", "Incus")]
    [InlineData("office", "wireguard", "WireGuard")]
    [InlineData("wg0", "wireguard", "WireGuard")]
    [InlineData("tun0", "tun", "a VPN")]
    [InlineData("tailscale0", "tun", "Tailscale")]
    [InlineData("fcbr0", "bridge", "an older controller")]
    [InlineData("eth0", null, null)]
    public void An_interface_tells_its_program_by_name_or_kind(string name, string? kind, string? program)
    {
        Assert.Equal(program, HostNetworkOfOthers.ProgramOf(new LinkEntry { Name = name, Kind = kind }));
    }

    [Theory]
    [InlineData("eth0", null, false, null, "route through eth0")]
    [InlineData(null, null, false, null, "route through no interface")]
    [InlineData("wg0", "WireGuard", false, 51820u, "route through wg0 in table 51820 (WireGuard)")]
    [InlineData("docker0", "Docker", true, null, "address of docker0 (Docker)")]
    public void It_is_told_in_one_line(string? link, string? owner, bool isAddress, uint? table, string expected)
    {
        var network = Ipv4Network.Parse("10.0.0.0/8");

        Assert.Equal(expected, new HostNetworkOfOthers(network, link, owner, isAddress, false, table).What);
    }
}
