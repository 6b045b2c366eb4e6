using MasterController.Core.HostNetwork;
using MasterController.Linux.Nftables;
using Xunit;

namespace MasterController.Tests.HostNetwork;

public sealed class FirewallListingTests
{
    private static readonly NftRule Drop = Rule("guest_input", 9, 1);

    [Fact]
    public void Handles_the_marker_and_policies_do_not_count_for_the_fingerprint()
    {
        var before = Fingerprint(Objects("chain fingerprint", "chain guest_input"), Drop);

        Assert.Equal(
            before,
            Fingerprint(
                Objects("chain fingerprint", "chain guest_input", "chain policy_00000001", "set policy_00000001_0"),
                Drop with
                {
                    Handle = 10,
                },
                Rule("fingerprint", 11, 2),
                Rule("policy_00000001", 12, 3)
            )
        );
    }

    [Fact]
    public void A_rule_a_chain_and_a_set_count_for_the_fingerprint()
    {
        var objects = Objects("chain guest_input", "set gateways");

        Assert.Distinct([
            Fingerprint(objects, Drop),
            Fingerprint(objects, Rule("guest_input", 9, 2)),
            Fingerprint(objects, Drop, Drop),
            Fingerprint(objects),
            Fingerprint(Objects("chain guest_input"), Drop),
            Fingerprint(Objects("chain guest_input", "set gateways", "chain extra"), Drop),
            Fingerprint(new Dictionary<string, byte[]>(objects) { ["chain guest_input"] = [1] }, Drop),
        ]);
    }

    private static string Fingerprint(IReadOnlyDictionary<string, byte[]> objects, params NftRule[] rules) =>
        FirewallListing.FingerprintOf(objects, rules.ToLookup(rule => rule.Chain.Name));

    private static Dictionary<string, byte[]> Objects(params string[] names) =>
        names.ToDictionary(name => name, _ => Array.Empty<byte>());

    // One attribute of four bytes and the type 4, which is a rule's expressions; there are none in it.
    private static NftRule Rule(string chain, ulong handle, byte content) =>
        new(new NftChain(1, "master_controller", chain), handle, [8, 0, 7, 0, content, 0, 0, 0]);
}
