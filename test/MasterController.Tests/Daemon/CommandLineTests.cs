using System.CommandLine;
using System.Text.Json;
using MasterController.Daemon.Commands;
using MasterController.Tests.Configuration;
using Xunit;

namespace MasterController.Tests.Daemon;

public class CommandLineTests
{
    [Fact]
    public async Task Config_check_names_everything_that_is_wrong_and_fails()
    {
        using var file = new ConfigFile("stat_dir = \"/x\"\n[network]\nmode = \"x\"");
        var (code, _, error) = await RunAsync("config", "check", "--config", file.Path);
        Assert.Equal(1, code);
        Assert.Contains($"error: {file.Path}:1: stat_dir: unknown key", error, StringComparison.Ordinal);
        Assert.Contains($"error: {file.Path}:3: network.mode: \"x\"", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Config_check_is_content_with_a_good_file()
    {
        using var file = new ConfigFile("[network]\nmode = \"none\"");
        var (code, output, error) = await RunAsync("config", "check", "--config", file.Path);
        Assert.Equal((0, ""), (code, error));
        Assert.Contains("the configuration is valid", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Config_show_says_whence_each_value_comes()
    {
        using var file = new ConfigFile("[network]\nmode = \"none\"");
        var (code, output, _) = await RunAsync(
            "config",
            "show",
            "-o",
            "json",
            "--config",
            file.Path,
            "--socket",
            "/x.sock"
        );
        Assert.Equal(0, code);
        using var shown = JsonDocument.Parse(output);
        var sources = shown
            .RootElement.EnumerateArray()
            .ToDictionary(v => v.GetProperty("key").GetString()!, v => v.GetProperty("source").GetString());
        Assert.Equal($"{file.Path}:2", sources["network.mode"]);
        Assert.Equal("flag --socket", sources["socket"]);
        Assert.Equal("default", sources["vm.max_vms"]);
    }

    [Fact]
    public async Task Run_refuses_a_bad_configuration()
    {
        var (code, _, error) = await RunAsync("run", "--config", "/nonexistent.toml");
        Assert.Equal(1, code);
        Assert.Contains("there is no such file", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Doctor_has_a_stable_code_for_each_check()
    {
        using var file = new ConfigFile("[network]\nmode = \"none\"");
        var (_, output, _) = await RunAsync("doctor", "-o", "json", "--config", file.Path);
        using var report = JsonDocument.Parse(output);
        Assert.Equal(
            [
                "privileges",
                "host-network",
                "dev-net-tun",
                "nf-tables",
                "libnftables",
                "ip-forward",
                "arp-ignore",
                "neighbour-table",
                "conntrack-table",
                "uplink",
                "pool-overlap",
                "forward-drop",
                "legacy-iptables",
                "external-ipv6",
                "external-ipv4",
                "kernel-limits",
                "cgroup-v2",
                "clock",
                "kvm-boot",
                "qemu",
                "firecracker",
                "disk-space",
                "disk-sync",
                "image-tools",
                "images",
            ],
            report.RootElement.GetProperty("checks").EnumerateArray().Select(c => c.GetProperty("code").GetString())
        );
    }

    private static async Task<(int Code, string Output, string Error)> RunAsync(params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var code = await Root.Create()
            .Parse(arguments)
            .InvokeAsync(
                new InvocationConfiguration { Output = output, Error = error },
                TestContext.Current.CancellationToken
            );
        return (code, output.ToString(), error.ToString());
    }
}
