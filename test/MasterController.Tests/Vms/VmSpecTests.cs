using MasterController.Core.HostNetwork.Policies;
using MasterController.Core.Vms;
using Xunit;

namespace MasterController.Tests.Vms;

public sealed class VmSpecTests
{
    private static readonly VmSettings Settings = VmSettings.Default;

    [Fact]
    public void What_is_left_out_comes_from_the_type_and_the_configuration()
    {
        var spec = Create(new VmRequest(Type: "browser"))!;

        Assert.Equal(("vm-1", 2, 2048, "golden"), (spec.Name, spec.Vcpus, spec.MemoryMib, spec.Image));
        Assert.Equal(("default", RestartPolicy.Never), (spec.Pool, spec.Restart));
        Assert.Null(spec.Address);
        Assert.Empty(spec.Labels);
        Assert.Equal("cli", Create(new VmRequest())!.Type.Name);
    }

    [Fact]
    public void What_is_asked_for_wins()
    {
        var spec = Create(
            new VmRequest("web", "cli", "debian-12.5", "ann", null, "p", "10.0.0.9", 4, 512, "on-failure")
        )!;

        Assert.Equal(("web", "debian-12.5", "ann", "p"), (spec.Name, spec.Image, spec.Owner, spec.Pool));
        Assert.Equal(("10.0.0.9", 4, 512), (spec.Address.ToString(), spec.Vcpus, spec.MemoryMib));
        Assert.Equal(RestartPolicy.OnFailure, spec.Restart);
    }

    private static readonly string[] TooManyRules = [.. Enumerable.Range(0, 65).Select(i => $"10.0.0.{i}")];

    public static TheoryData<VmRequest, string, string> Bad =>
        new()
        {
            { new VmRequest(Name: ""), "name", "\"\"" },
            { new VmRequest(Name: "Web"), "name", "\"Web\"" },
            { new VmRequest(Name: "-a"), "name", "\"-a\"" },
            { new VmRequest(Name: "a-"), "name", "\"a-\"" },
            { new VmRequest(Name: "a.b"), "name", "\"a.b\"" },
            { new VmRequest(Name: "web\n"), "name", "\"web\n\"" },
            { new VmRequest(Name: new string('a', 64)), "name", "not a DNS label" },
            { new VmRequest(Name: "vm-0123456789ab"), "name", "\"vm-0123456789ab\"" },
            { new VmRequest(Type: "huge"), "type", "\"huge\"" },
            { new VmRequest(Image: "../etc"), "image", "\"../etc\"" },
            { new VmRequest(Image: "golden\n"), "image", "\"golden\n\"" },
            { new VmRequest(Owner: ""), "owner", "\"\"" },
            { new VmRequest(Owner: "a\tb"), "owner", "\"a\tb\"" },
            { new VmRequest(Address: "10.0.0"), "address", "\"10.0.0\"" },
            { new VmRequest(Vcpus: 0), "vcpus", "0" },
            { new VmRequest(Vcpus: 33), "vcpus", "33" },
            { new VmRequest(MemoryMib: 63), "memoryMib", "63" },
            { new VmRequest(MemoryMib: (1 << 20) + 1), "memoryMib", "1048577" },
            { new VmRequest(Restart: "always"), "restart", "\"always\"" },
            { new VmRequest(RateLimit: new RateLimit(1)), "rateLimit.outBytesPerSecond", "1 is not 1000" },
            { new VmRequest(Egress: new EgressRequest("drop")), "egress.default", "\"drop\"" },
            { new VmRequest(Egress: new EgressRequest(Allow: ["10.0.0.0/8", "x"])), "egress.allow[1]", "\"x\"" },
            { new VmRequest(Egress: new EgressRequest(Deny: ["10.0.0.1/8"])), "egress.deny[0]", "\"10.0.0.1/8\"" },
            {
                new VmRequest(Egress: new EgressRequest(Deny: ["::/0", "2001:db8::1/32"])),
                "egress.deny[1]",
                "\"2001:db8::1/32\""
            },
            {
                new VmRequest(Egress: new EgressRequest(Allow: ["2001:db8::/32:443/tcp"])),
                "egress.allow[0]",
                "\"2001:db8::/32:443/tcp\" has no brackets"
            },
            { new VmRequest(Egress: new EgressRequest(Deny: TooManyRules)), "egress.deny", "65 rules; at most 64" },
            { new VmRequest(Labels: Label("a b", "x")), "labels.a b", "\"a b\"" },
            { new VmRequest(Labels: Label("ab\n", "x")), "labels.ab\n", "\"ab\n\"" },
            { new VmRequest(Labels: Label("k", "x\n")), "labels.k", "\"x\n\"" },
            { new VmRequest(Labels: Label("k", new string('x', 256))), "labels.k", "255" },
        };

    [Theory]
    [MemberData(nameof(Bad))]
    public void A_bad_field_is_named_with_its_value(VmRequest request, string field, string value)
    {
        Assert.Null(VmSpec.TryCreate(request, "vm-1", Settings, out var errors));

        var (named, problems) = Assert.Single(errors);
        Assert.Equal(field, named);
        Assert.Contains(value, Assert.Single(problems));
    }

    [Theory]
    [InlineData("a")]
    [InlineData("web-1")]
    [InlineData("vm-0123456789a")]
    [InlineData("vm-0123456789ag")]
    public void A_DNS_label_that_is_no_id_is_a_name(string name) => Assert.Equal(name, Create(new(Name: name))!.Name);

    [Fact]
    public void All_bad_fields_are_told_at_once()
    {
        var labels = Enumerable.Range(0, 33).ToDictionary(i => $"k{i}", _ => "v");
        var request = new VmRequest("-", "huge", "?", "", labels, "p", "x", -1, 1, "no");

        Assert.Null(VmSpec.TryCreate(request, "vm-1", Settings, out var errors));

        Assert.Equal(
            ["address", "image", "labels", "memoryMib", "name", "owner", "restart", "type", "vcpus"],
            errors.Keys.Order()
        );
        Assert.Contains("cli", errors["type"][0]);
        Assert.Contains("33", errors["labels"][0]);
    }

    private static VmSpec? Create(VmRequest request) => VmSpec.TryCreate(request, "vm-1", Settings, out _);

    private static Dictionary<string, string> Label(string key, string value) => new() { [key] = value };
}
