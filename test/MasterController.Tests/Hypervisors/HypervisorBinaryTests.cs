using MasterController.Core.Hypervisors;
using Xunit;

namespace MasterController.Tests.Hypervisors;

public sealed class HypervisorBinaryTests
{
    [Theory]
    [InlineData("QEMU emulator version 7.2.22 (Debian 1:7.2+dfsg-7+deb12u18)\nCopyright (c) 2003-2022", "7.2.22")]
    [InlineData("Firecracker v1.16.1\n\nSupported snapshot data format versions: v4.0.0", "1.16.1")]
    [InlineData("1.17.0-dev", "1.17.0")]
    [InlineData("no number here", null)]
    public void The_version_is_the_first_number_with_a_dot(string text, string? version) =>
        Assert.Equal(version, HypervisorBinary.ParseVersion(text)?.ToString());

    [Fact]
    public void A_name_is_found_in_the_path_and_a_path_as_it_is()
    {
        Assert.True(Path.IsPathRooted(HypervisorBinary.Find("sh")?.Path));
        Assert.Equal("/bin/sh", HypervisorBinary.Find("/bin/sh")?.Path);
        Assert.Null(HypervisorBinary.Find("no-such-hypervisor"));
        Assert.Null(HypervisorBinary.Find("/nonexistent/hypervisor"));
    }
}
