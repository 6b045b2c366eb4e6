using System.Runtime.CompilerServices;
using MasterController.Linux;
using Xunit;

namespace MasterController.Tests.Probes;

public sealed class StructureTests
{
    [Fact]
    public void Structures_have_the_kernels_sizes()
    {
        Assert.Equal(20, Unsafe.SizeOf<Libc.LinkAddress>());
        Assert.Equal(16, Unsafe.SizeOf<Libc.InternetAddress>());
        Assert.Equal(16, Unsafe.SizeOf<Libc.Buffer>());
        Assert.Equal(56, Unsafe.SizeOf<Libc.MessageHeader>());
        Assert.Equal(32, Unsafe.SizeOf<Libc.PacketInformation>());
        Assert.Equal(8, Unsafe.SizeOf<Libc.PollDescriptor>());
        Assert.Equal(8, Unsafe.SizeOf<Libc.FilterInstruction>());
        Assert.Equal(16, Unsafe.SizeOf<Libc.FilterProgram>());
    }
}
