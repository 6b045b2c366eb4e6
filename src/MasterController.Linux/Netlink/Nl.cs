namespace MasterController.Linux.Netlink;

/// <summary>Constants of netlink itself (linux/netlink.h), under shorter names.</summary>
internal static class Nl
{
    internal const int HeaderLength = 16;
    internal const int AttributeHeaderLength = 4;
    internal const int Alignment = 4;

    internal const ushort Nested = 0x8000;
    internal const ushort TypeMask = 0x3fff;

    internal const ushort Error = 2; // NLMSG_ERROR; an acknowledgement is an error of 0
    internal const ushort Done = 3; // NLMSG_DONE

    internal const ushort Request = 0x001;
    internal const ushort Acknowledge = 0x004;
    internal const ushort DumpInterrupted = 0x010;
    internal const ushort Dump = 0x300;
    internal const ushort Replace = 0x100;
    internal const ushort Exclusive = 0x200;
    internal const ushort Create = 0x400;
    internal const ushort Append = 0x800;

    internal const ushort Capped = 0x100; // of an acknowledgement: the request is not echoed in full
    internal const ushort HasAttributes = 0x200; // of an acknowledgement: NLMSGERR_ATTR_* follow

    internal const ushort ErrorMessage = 1; // NLMSGERR_ATTR_MSG

    // Options of SOL_NETLINK.
    internal const int AddMembership = 1;
    internal const int CapAck = 10;
    internal const int ExtAck = 11;
    internal const int GetStrictCheck = 12;

    internal static int Align(int length) => (length + Alignment - 1) & ~(Alignment - 1);
}
