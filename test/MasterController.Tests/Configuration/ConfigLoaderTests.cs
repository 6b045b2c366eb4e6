using MasterController.Core.HostNetwork.Policies;
using MasterController.Core.Vms;
using MasterController.Daemon.Configuration;
using MasterController.Linux.Addresses;
using Xunit;

namespace MasterController.Tests.Configuration;

public class ConfigLoaderTests
{
    [Fact]
    public void Without_anything_written_the_defaults_are_in_force()
    {
        using var file = new ConfigFile("");
        var settings = file.Load().Settings!;
        Assert.Equal("/var/lib/master-controller", settings.StateDirectory);
        Assert.Equal("routed", settings.Network.Mode);
        Assert.Null(settings.Listen);
        Assert.Equal("192.168.100.0/24", settings.DefaultPool.Ranges[0].Cidr);
        Assert.Equal(TimeSpan.FromSeconds(30), settings.DefaultPool.Cooldown);
        Assert.Equal(VmType.BuiltIn, settings.Vm.Types.Values);
        Assert.Equal(TimeSpan.FromSeconds(10), settings.Vm.StopTimeout);
    }

    [Fact]
    public void A_flag_overrides_the_environment_which_overrides_the_file()
    {
        using var file = new ConfigFile("state_dir = \"/file\"\nsocket = \"/file.sock\"\n[network]\nmode = \"none\"");
        var config = file.Load(
            new Dictionary<string, string>
            {
                ["MASTER_CONTROLLER_STATE_DIR"] = "/environment",
                ["MASTER_CONTROLLER_SOCKET"] = "/environment.sock",
            },
            new Dictionary<string, string> { ["socket"] = "/flag.sock" }
        );
        Assert.Equal("none", config.Settings!.Network.Mode);
        Assert.Equal("/environment", config.Settings.StateDirectory);
        Assert.Equal("/flag.sock", config.Settings.Socket);
        Assert.Equal($"{file.Path}:4", config.Values.SourceOf(ConfigKeys.NetworkMode).ToString());
        Assert.Equal(
            "environment MASTER_CONTROLLER_STATE_DIR",
            config.Values.SourceOf(ConfigKeys.StateDirectory).ToString()
        );
        Assert.Equal("flag --socket", config.Values.SourceOf(ConfigKeys.Socket).ToString());
        Assert.Equal("default", config.Values.SourceOf(ConfigKeys.Uplink).ToString());
    }

    [Fact]
    public void Every_bad_key_is_named_at_once_with_its_line()
    {
        using var file = new ConfigFile(
            """
            state_dir = "relative"
            listen = "everywhere"
            stat_dir = "/x"
            [network]
            mode = "bridge"
            dns = ["192.0.2.1", "example"]
            [vm]
            max_vms = "many"
            stop_timeout_seconds = 3601
            """
        );
        var config = file.Load();
        Assert.Null(config.Settings);
        Assert.Equal(
            [
                (1, "state_dir"),
                (2, "listen"),
                (3, "stat_dir"),
                (5, "network.mode"),
                (6, "network.dns"),
                (8, "vm.max_vms"),
                (9, "vm.stop_timeout_seconds"),
            ],
            config.Errors.Select(e => (e.Source.Line, e.Key))
        );
    }

    [Theory]
    [InlineData("stat_dir = \"/x\"", "unknown key (did you mean \"state_dir\"?)")]
    [InlineData("network.mode = \"rooted\"", "did you mean \"routed\"?")]
    [InlineData("network.mode = \"x\"", "allowed: \"routed\" or \"none\"")]
    [InlineData("vm.max_vms = \"5\"", "\"5\" is not a whole number")]
    [InlineData("vm.max_vms = -1", "-1 is out of range")]
    [InlineData("state_dir = 5", "5 is not a string")]
    [InlineData("pool.default.allow_vm_to_vm = \"yes\"", "\"yes\" is neither true nor false")]
    [InlineData("pool.default.cidr = \"192.0.2.12/24\"", "has host bits set")]
    [InlineData(
        "pool.default.gateway = \"192.0.2.1\"",
        "192.0.2.1 is not in pool.default.cidr, which is 192.168.100.0/24"
    )]
    [InlineData("pool.default.first = \"192.168.100.9\"\npool.default.last = \"192.168.100.8\"", "lies before")]
    [InlineData("pool.default.reservations = [\"10.0.0.0/8\"]", "10.0.0.0/8 is not in pool.default.cidr")]
    [InlineData("listen = \"192.0.2.1:8470\"", "\"192.0.2.1:8470\" is not a loopback address")]
    [InlineData("tls.certificate = \"/etc/cert.pem\"", "is \"/etc/cert.pem\", and tls.key is empty")]
    [InlineData("tls.key = \"/etc/key.pem\"", "is \"/etc/key.pem\", and tls.certificate is empty")]
    [InlineData("tls.certificate = \"cert.pem\"", "\"cert.pem\" is not an absolute path")]
    [InlineData("api.requests_per_second = -1", "-1 is out of range")]
    [InlineData("api.burst = 0", "0 is out of range")]
    [InlineData("audit.keep_days = 0", "0 is out of range")]
    [InlineData("listen = \"127.0.0.1\"", "is not an address with a port")]
    [InlineData("network.uplink = \"a-name-of-16-chars\"", "is not the name of an interface")]
    [InlineData(
        "network.dns = [\"192.0.2.1\", \"192.0.2.2\", \"192.0.2.3\"]",
        "3 of IPv4; a guest is told 2 name servers"
    )]
    [InlineData(
        "network.dns = [\"192.0.2.1\", \"2001:db8::1\", \"2001:db8::2\", \"2001:db8::3\"]",
        "3 of IPv6; a guest is told 2"
    )]
    [InlineData("network.dns = [\"fe80::1%eth0\"]", "\"fe80::1%eth0\" is not an IPv4 or IPv6 address")]
    [InlineData("vm.default_type = \"broser\"", "there is no type \"broser\" (did you mean \"browser\"?)")]
    [InlineData("types.cli.cpus = 2", "unknown key (did you mean \"types.cli.vcpus\"?)")]
    [InlineData("types.cli.vcpus = 33", "33 is out of range; allowed: 1 to 32")]
    [InlineData("types.cli.rate_out_bytes = 999", "999 is out of range; allowed: 0, or 1000 to 2147483647")]
    [InlineData("types.cli.rate_in_burst_bytes = 65535", "65535 is out of range; allowed: 65536 to 2147483647")]
    [InlineData("types.cli.rate_in_packets = 1000000001", "1000000001 is out of range; allowed: 0 to 1000000000")]
    [InlineData("types.cli.egress_default = \"drop\"", "\"drop\" is none of them; allowed: \"allow\" or \"deny\"")]
    [InlineData("types.cli.egress_allow = \"10.0.0.0/8\"", "\"10.0.0.0/8\" is not a list")]
    [InlineData("types.cli.egress_allow = [\"10.0.0.0/8:80\"]", "\"10.0.0.0/8:80\" has a port without a protocol")]
    [InlineData("types.cli.egress_deny = [\"10.0.0.1/8\"]", "\"10.0.0.1/8\" has host bits set")]
    [InlineData("socket = \"", "")]
    [InlineData("state_dir = \"/a\"\nstate_dir = \"/b\"", "state_dir")]
    public void A_mistake_is_explained(string text, string explanation)
    {
        using var file = new ConfigFile(text);
        var config = file.Load();
        Assert.Null(config.Settings);
        Assert.Contains(config.Errors, e => e.ToString().Contains(explanation, StringComparison.Ordinal));
        Assert.All(config.Errors, e => Assert.StartsWith(file.Path + ":", e.ToString(), StringComparison.Ordinal));
    }

    [Fact]
    public void A_bad_value_is_named_even_where_it_is_overridden()
    {
        using var file = new ConfigFile("network.mode = \"x\"");
        var config = file.Load(new Dictionary<string, string> { ["MASTER_CONTROLLER_NETWORK_MODE"] = "none" });
        Assert.Equal("network.mode", Assert.Single(config.Errors).Key);
    }

    [Fact]
    public void A_file_that_was_named_has_to_be_there()
    {
        var nowhere = new ConfigLoader(
            "/nonexistent/master-controller.toml",
            new Dictionary<string, string>(),
            new Dictionary<string, string>()
        );
        Assert.Contains("no such file", Assert.Single(nowhere.Load().Errors).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_environment_can_name_the_file()
    {
        using var file = new ConfigFile("network.mode = \"none\"");
        var loader = new ConfigLoader(
            File: null,
            new Dictionary<string, string> { ["MASTER_CONTROLLER_CONFIG"] = file.Path },
            new Dictionary<string, string>()
        );
        Assert.Equal("none", loader.Load().Settings!.Network.Mode);
    }

    [Fact]
    public void Operators_add_types_and_change_the_built_in_ones()
    {
        using var file = new ConfigFile("[types.big-build]\nvcpus = 8\nmemory_mib = 16384\n[types.browser]\nvcpus = 4");
        var config = file.Load(
            new Dictionary<string, string>
            {
                ["MASTER_CONTROLLER_TYPES_BIG_BUILD_IMAGE"] = "debian",
                ["MASTER_CONTROLLER_TYPES_TINY_MEMORY_MIB"] = "64",
            }
        );
        Assert.Equal(
            [
                new VmType("cli", 1, 256),
                new VmType("browser", 4, 2048),
                new VmType("big-build", 8, 16384, "debian"),
                new VmType("tiny", 1, 64),
            ],
            config.Settings!.Vm.Types.Values
        );
    }

    [Fact]
    public void A_type_may_say_where_its_guests_send_to()
    {
        using var file = new ConfigFile(
            "types.cli.egress_default = \"deny\"\ntypes.cli.egress_deny = [\"10.1.0.0/16\"]"
        );
        var config = file.Load(
            new Dictionary<string, string>
            {
                ["MASTER_CONTROLLER_TYPES_CLI_EGRESS_ALLOW"] = "10.0.0.0/8, 0.0.0.0/0:443/tcp, [::/0]:443/tcp",
            }
        );

        Assert.Equal(
            new EgressPolicy(
                AllowsByDefault: false,
                [
                    EgressRule.Parse("10.0.0.0/8"),
                    EgressRule.Parse("0.0.0.0/0:443/tcp"),
                    EgressRule.Parse("[::/0]:443/tcp"),
                ],
                [EgressRule.Parse("10.1.0.0/16")]
            ),
            config.Settings!.Vm.Types["cli"].Egress
        );
        Assert.Null(config.Settings.Vm.Types["browser"].Egress);
    }

    [Fact]
    public void A_type_may_limit_what_its_guests_send_and_are_sent()
    {
        using var file = new ConfigFile(
            "types.cli.rate_out_bytes = 1250000\ntypes.cli.rate_out_burst_bytes = 100000\ntypes.browser.rate_in_burst_packets = 5"
        );
        var config = file.Load(
            new Dictionary<string, string> { ["MASTER_CONTROLLER_TYPES_CLI_RATE_IN_PACKETS"] = "5000" }
        );

        Assert.Equal(
            new RateLimit(1_250_000, 100_000, InPacketsPerSecond: 5_000, InBurstPackets: 0),
            config.Settings!.Vm.Types["cli"].RateLimit
        );
        Assert.Null(config.Settings.Vm.Types["browser"].RateLimit);
    }

    [Fact]
    public void A_type_with_more_rules_than_a_policy_may_have_is_refused()
    {
        var rules = string.Join(", ", Enumerable.Range(0, 64).Select(i => $"\"10.0.0.{i}\""));
        using var file = new ConfigFile($"types.cli.egress_allow = [{rules}]\ntypes.cli.egress_deny = [\"10.0.0.99\"]");

        var error = Assert.Single(file.Load().Errors);

        Assert.Equal("types.cli.egress_allow", error.Key);
        Assert.Contains("65 rules in egress_allow and egress_deny; at most 64", error.Message);
    }

    [Fact]
    public void A_variable_that_is_no_key_is_a_warning()
    {
        using var file = new ConfigFile("");
        var config = file.Load(new Dictionary<string, string> { ["MASTER_CONTROLLER_SOCKT"] = "/x" });
        Assert.NotNull(config.Settings);
        Assert.Contains("MASTER_CONTROLLER_SOCKET", Assert.Single(config.Warnings).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Lists_in_the_environment_have_commas()
    {
        using var file = new ConfigFile("");
        var config = file.Load(
            new Dictionary<string, string> { ["MASTER_CONTROLLER_NETWORK_DNS"] = "192.0.2.1, 2001:db8::1, 192.0.2.2" }
        );
        Assert.Equal("192.0.2.1, 2001:db8::1, 192.0.2.2", string.Join(", ", config.Settings!.Vm.Dns));
    }

    [Fact]
    public void Other_addresses_may_be_listened_on_with_a_certificate()
    {
        using var file = new ConfigFile(
            """
            listen = "192.0.2.1:8470"
            tls.certificate = "/etc/cert.pem"
            tls.key = "/etc/key.pem"
            """
        );
        Assert.Equal("192.0.2.1:8470", file.Load().Settings!.Listen!.ToString());
    }

    [Theory]
    [InlineData("127.0.0.1:8470")]
    [InlineData("[::1]:8470")]
    public void Loopback_may_be_listened_on(string listen)
    {
        using var file = new ConfigFile($"listen = \"{listen}\"");
        Assert.Equal(listen, file.Load().Settings!.Listen!.ToString());
    }
}
