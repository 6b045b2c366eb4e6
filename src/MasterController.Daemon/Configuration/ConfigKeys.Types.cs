using MasterController.Core.HostNetwork.Policies;
using MasterController.Core.Vms;

namespace MasterController.Daemon.Configuration;

public static partial class ConfigKeys
{
    /// <summary>The keys of one type; what is left out is as in the built-in type of that name, or in "cli".</summary>
    public static TypeKeys ForType(string name)
    {
        var like = VmType.BuiltIn.FirstOrDefault(t => t.Name == name) ?? VmType.BuiltIn[0];
        return new TypeKeys(
            name,
            new ConfigKey<int>(
                $"types.{name}.vcpus",
                like.Vcpus,
                "1 to 32",
                "Virtual CPUs of this type.",
                w => ConfigReaders.Integer(w, 1, 32),
                Shown,
                Reload.Live
            ),
            new ConfigKey<int>(
                $"types.{name}.memory_mib",
                like.MemoryMib,
                "64 to 1048576 MiB",
                "Memory of this type.",
                w => ConfigReaders.Integer(w, 64, 1_048_576),
                Shown,
                Reload.Live
            ),
            new ConfigKey<string>(
                $"types.{name}.image",
                like.Image,
                "the name of an image",
                "Image of this type.",
                ConfigReaders.Label,
                Shown,
                Reload.Live
            ),
            new ConfigKey<string>(
                $"types.{name}.egress_default",
                EgressRequest.AllowWord,
                "\"allow\" or \"deny\"",
                "What guests of this type may send to where no rule says otherwise. VMs with a policy of their own follow that alone.",
                w => ConfigReaders.OneOf(w, EgressRequest.AllowWord, EgressRequest.DenyWord),
                Shown,
                Reload.Live
            ),
            EgressRules(name, "allow", "What guests of this type may send to."),
            EgressRules(name, "deny", "What guests of this type may not send to, whatever else is allowed."),
            RateKeys(name, "out", "may send"),
            RateKeys(name, "in", "may be sent"),
            new ConfigKey<bool>(
                $"types.{name}.ipv6",
                false,
                "true or false",
                "Whether VMs of this type are created with a dedicated IPv6 address, where the request does not say.",
                ConfigReaders.Boolean,
                Shown,
                Reload.Live
            ),
            new ConfigKey<bool>(
                $"types.{name}.router_advertisements",
                false,
                "true or false",
                "Whether guests of this type are told the prefix by router advertisements and make their address of it and their MAC, as images of others do. It needs a /64.",
                ConfigReaders.Boolean,
                Shown,
                Reload.Live
            )
        );
    }

    private static RateKeys RateKeys(string type, string way, string doing) =>
        new(
            Rate(
                type,
                $"{way}_bytes",
                0,
                "0, or 1000 to 2147483647",
                $"Bytes that a guest of this type {doing} in a second; 0 is no limit."
            ),
            Rate(
                type,
                $"{way}_burst_bytes",
                (int)RateLimit.LeastBurstBytes,
                "65536 to 2147483647",
                "Bytes on top of it after a pause."
            ),
            Rate(type, $"{way}_packets", 0, "0 to 1000000000", $"Packets that it {doing} in a second; 0 is no limit."),
            Rate(type, $"{way}_burst_packets", 0, "0 to 1000000000", "Packets on top of it after a pause.")
        );

    private static ConfigKey<int> Rate(string type, string part, int without, string allowed, string summary) =>
        new(
            $"types.{type}.rate_{part}",
            without,
            allowed,
            summary,
            w =>
                part.EndsWith("packets", StringComparison.Ordinal)
                    ? ConfigReaders.Integer(w, 0, (int)RateLimit.MostPackets)
                : without == 0 && w.Text == "0" ? 0
                : ConfigReaders.Integer(w, Math.Max(without, (int)RateLimit.LeastBytes), int.MaxValue),
            Shown,
            Reload.Live
        );

    private static ConfigKey<IReadOnlyList<EgressRule>> EgressRules(string type, string list, string summary) =>
        new(
            $"types.{type}.egress_{list}",
            [],
            $"a list of NETWORK or NETWORK:PORTS/PROTOCOL (\"10.0.0.0/8\", \"0.0.0.0/0:443/tcp\", \"[::/0]:443/tcp\"), {EgressPolicy.MostRules} in both lists",
            summary,
            ConfigReaders.EgressRules,
            Shown,
            Reload.Live
        );
}
