using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace MasterController.Linux;

/// <summary>
/// Sockets for single packets: packet(7), raw(7), ip(7). Constants are of linux/if_packet.h, if_ether.h, in.h, icmp.h.
/// </summary>
internal static partial class Libc
{
    internal const int AF_PACKET = 17;
    internal const int SOCK_NONBLOCK = 0x800;
    internal const ushort ETH_P_ARP = 0x0806;
    internal const ushort ETH_P_IPV6 = 0x86dd;
    internal const int IPPROTO_ICMP = 1;
    internal const int SOL_IP = 0;
    internal const int SOL_RAW = 255;
    internal const int IP_PKTINFO = 8;
    internal const int ICMP_FILTER = 1;
    internal const short POLLIN = 1;

    internal const int SO_ATTACH_FILTER = 26;
    internal const nuint SIOCGIFNAME = 0x8910; // linux/sockios.h
    internal const nuint SIOCGIFMTU = 0x8921;

    /// <summary>bind(2) of a packet socket.</summary>
    [LibraryImport("libc", SetLastError = true)]
    internal static partial int bind(SafeFileHandle fd, in LinkAddress address, uint length);

    /// <summary>setsockopt(2) with a filter.</summary>
    [LibraryImport("libc", SetLastError = true)]
    internal static partial int setsockopt(SafeFileHandle fd, int level, int name, in FilterProgram value, uint length);

    /// <summary>sendto(2) through a packet socket.</summary>
    [LibraryImport("libc", SetLastError = true)]
    internal static unsafe partial nint sendto(
        SafeFileHandle fd,
        byte* buffer,
        nuint length,
        int flags,
        in LinkAddress address,
        uint addressLength
    );

    /// <summary>recvfrom(2) through a packet socket.</summary>
    [LibraryImport("libc", SetLastError = true)]
    internal static unsafe partial nint recvfrom(
        SafeFileHandle fd,
        byte* buffer,
        nuint length,
        int flags,
        ref LinkAddress address,
        ref uint addressLength
    );

    /// <summary>sendmsg(2).</summary>
    [LibraryImport("libc", SetLastError = true)]
    internal static partial nint sendmsg(SafeFileHandle fd, in MessageHeader message, int flags);

    /// <summary>recvmsg(2).</summary>
    [LibraryImport("libc", SetLastError = true)]
    internal static partial nint recvmsg(SafeFileHandle fd, ref MessageHeader message, int flags);

    /// <summary>poll(2); a negative descriptor is passed over.</summary>
    [LibraryImport("libc", SetLastError = true)]
    internal static unsafe partial int poll(PollDescriptor* descriptors, nuint count, int timeoutMilliseconds);

    /// <summary>struct sockaddr_ll</summary>
    [StructLayout(LayoutKind.Sequential, Size = 20)]
    internal struct LinkAddress
    {
        internal ushort Family;

        /// <summary>In network byte order.</summary>
        internal ushort Protocol;
        internal int Index;
        internal ushort HardwareType;
        internal byte PacketType;
        internal byte AddressLength;
    }

    /// <summary>struct sock_filter: an instruction of the classic packet filter (linux/filter.h, bpf_common.h).</summary>
    [StructLayout(LayoutKind.Sequential, Size = 8)]
    internal readonly struct FilterInstruction
    {
        private FilterInstruction(ushort code, byte ifNot, uint operand) =>
            (Code, IfNot, Operand) = (code, ifNot, operand);

        internal readonly ushort Code;
        internal readonly byte IfSo;
        internal readonly byte IfNot;
        internal readonly uint Operand;

        internal static FilterInstruction LoadByte(uint offset) => new(0x30, 0, offset); // BPF_LD | BPF_B | BPF_ABS

        internal static FilterInstruction SkipUnless(uint value, byte skipped) => new(0x15, skipped, value); // BPF_JMP | BPF_JEQ

        internal static FilterInstruction Take(uint bytes) => new(0x06, 0, bytes); // BPF_RET
    }

    /// <summary>struct sock_fprog</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal unsafe struct FilterProgram
    {
        internal ushort Length;
        internal FilterInstruction* First;
    }

    /// <summary>struct sockaddr_in</summary>
    [StructLayout(LayoutKind.Sequential, Size = 16)]
    internal struct InternetAddress
    {
        internal ushort Family;
        internal ushort Port;

        /// <summary>In network byte order.</summary>
        internal uint Address;
    }

    /// <summary>struct iovec</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal unsafe struct Buffer
    {
        internal byte* Start;
        internal nuint Length;
    }

    /// <summary>struct msghdr of 64-bit systems</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal unsafe struct MessageHeader
    {
        internal InternetAddress* Name;
        internal uint NameLength;
        internal Buffer* Buffers;
        internal nuint BufferCount;
        internal PacketInformation* Control;
        internal nuint ControlLength;
        internal int Flags;
    }

    /// <summary>A struct cmsghdr with a struct in_pktinfo, as CMSG_SPACE pads it.</summary>
    [StructLayout(LayoutKind.Sequential, Size = 32)]
    internal struct PacketInformation
    {
        /// <summary>What CMSG_LEN says of an in_pktinfo.</summary>
        internal const int UsedLength = 28;

        internal nuint Length;
        internal int Level;
        internal int Type;
        internal int Index;

        /// <summary>The source of what is sent, the local address of what has come; in network byte order.</summary>
        internal uint LocalAddress;

        /// <summary>The destination in the header of what has come; in network byte order.</summary>
        internal uint Destination;
    }

    /// <summary>struct pollfd</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct PollDescriptor
    {
        internal int Descriptor;
        internal short Events;
        internal short Returned;
    }
}
