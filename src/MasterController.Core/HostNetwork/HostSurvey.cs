using System.Diagnostics;
using MasterController.Linux.Addresses;

namespace MasterController.Core.HostNetwork;

/// <summary>What a change of the pools' networks would do to the host and what on the host speaks against it.</summary>
/// <param name="Changes">Exactly what <see cref="IHostNetwork.SetNetworksAsync"/> would change, in its order.</param>
/// <param name="Overlaps">Networks of the host and of other programs that share addresses with what is desired.</param>
/// <param name="ForeignRules">Others' address translation for networks of ours, which our table replaces.</param>
/// <param name="Limits">Of the kernel: those that so many VMs would hit.</param>
public sealed record HostSurvey(
    IReadOnlyList<HostChange> Changes,
    IReadOnlyList<NetworkOverlap> Overlaps,
    IReadOnlyList<ForeignRule> ForeignRules,
    IReadOnlyList<HostLimit> Limits
)
{
    public static HostSurvey Nothing { get; } = new([], [], [], []);

    /// <summary>
    /// What an operator should know besides: rules of others that are left alone and why, what could not be read.
    /// </summary>
    public IReadOnlyList<string> Notices
    {
        get => field ?? [];
        init;
    }
}

/// <summary>One change of one object of the kernel or one file.</summary>
/// <param name="Object">"address", "link", "nftables", "route", "sysctl", "iptables" or "file".</param>
/// <param name="Text">In words: "add 192.168.0.0/16 to the set pool_networks".</param>
/// <param name="Command">What a person would type for the same.</param>
public sealed record HostChange(string Object, HostChangeKind Kind, string Text, string Command)
{
    /// <summary>The guest whose element of a set or map it is; null for what is all guests'.</summary>
    public Ipv4Address? Guest { get; init; }

    /// <summary>The text when it has been done: "added 192.168.0.0/16 to the set pool_networks".</summary>
    internal string Done
    {
        get
        {
            var (verb, rest) = (Text[..Text.IndexOf(' ')], Text[Text.IndexOf(' ')..]);
            var done = verb switch
            {
                "add" => "added",
                "bring" => "brought",
                "make" => "made",
                "remove" => "removed",
                "replace" => "replaced",
                "switch" => "switched",
                _ => throw new UnreachableException(verb),
            };
            return done + rest;
        }
    }
}

public enum HostChangeKind
{
    Add,
    Change,
    Remove,
}

/// <summary>A limit of the kernel that the pool's size would hit.</summary>
/// <param name="Name">As sysctl writes it: "net.netfilter.nf_conntrack_max".</param>
/// <param name="Fix">One line that raises it.</param>
public sealed record HostLimit(string Name, long Value, long Needed, string Message, string Fix);

/// <summary>A limit that was to be raised.</summary>
/// <param name="Failure">Why it was not; null where it was.</param>
public sealed record LimitRaise(string Name, long From, long To, string? Failure);

/// <summary>
/// A rule of another program, live or in a file: enough to find it again, to remove exactly it, and to put it back as it
/// was.
/// </summary>
/// <param name="Place">"ip nat POSTROUTING" for a live one, else the path of the file.</param>
/// <param name="Text">As "iptables -S" writes it.</param>
/// <param name="Content">For a live one the rule's netlink attributes in base64; for a file null.</param>
public sealed record ForeignRule(string Place, string Text, string? Content)
{
    public bool IsLive => Content is not null;
}

/// <summary>Whether a VM answers on the wire.</summary>
public readonly record struct ProbeAnswer(bool Arp, bool Icmp)
{
    public bool Any => Arp || Icmp;
}

/// <summary>What the kernel has for an address; each as "ip" or "nft" would write it, null where it has nothing.</summary>
public sealed record KernelEntries(string? Route, string? Neighbour, IReadOnlyList<string> Firewall)
{
    public static KernelEntries None { get; } = new(null, null, []);
}
