using MasterController.Core.HostNetwork;
using MasterController.Linux.Addresses;
using MasterController.Linux.Namespaces;
using Xunit;

namespace MasterController.LinuxTests.HostNetwork;

/// <summary>A host with rules that were there before the controller, whose pool is to grow.</summary>
internal sealed class OldSetup : IAsyncDisposable
{
    /// <summary>What an operator typed behind <c>iptables -t nat -A POSTROUTING</c>.</summary>
    internal const string Rule = "-s 192.168.100.0/24 -o up0 -j MASQUERADE";
    internal const string Line = $"-A POSTROUTING {Rule}";

    internal static readonly PoolNetwork Grown = new(
        Ipv4Network.Parse("192.168.0.0/16"),
        [Ipv4Address.Parse("192.168.0.1"), TestHost.Gateway],
        false
    );

    private OldSetup(TestHost host) => Host = host;

    internal TestHost Host { get; }

    internal string Backup { get; } = Path.Combine(Path.GetTempPath(), $"backup-{Guid.NewGuid():N}");

    internal static async Task<OldSetup> StartAsync(params Attachment[] attachments)
    {
        var host = await TestHost.StartAsync();
        await host.ApplyAsync(TestHost.Desired(attachments));
        return new OldSetup(host);
    }

    /// <summary>A VM as the old setup had it: behind the bridge fcbr0, played by a namespace.</summary>
    internal NetworkNamespace StartBridgedVm(string address)
    {
        var vm = NetworkNamespace.Create();
        Host.Host("ip link add fcbr0 type bridge");
        Host.Host("ip address add 192.168.100.254/24 dev fcbr0");
        Host.Host("ip link set fcbr0 up");
        Host.Host("ip link add old0 type veth peer name eth0 netns", vm.Path);
        Host.Host("ip link set old0 master fcbr0");
        Host.Host("ip link set old0 up");
        TestHost.Run(vm, $"ip address add {address} dev eth0");
        TestHost.Run(vm, "ip link set eth0 up");
        TestHost.Run(vm, "ip route add default via 192.168.100.254");
        return vm;
    }

    // Through a shell: words in quotes are one argument.
    internal void AddRule(string rule) => Host.Host("sh -c", $"iptables-nft -t nat -A POSTROUTING {rule}");

    /// <summary>The section nat as iptables saves it, without the times in its comments.</summary>
    internal string Saved() =>
        string.Join('\n', Host.Host("iptables-nft-save -t nat").Split('\n').Select(line => line.Split(" on ")[0]));

    internal static string WithoutComments(string saved) =>
        string.Join('\n', saved.Split('\n').Where(line => !line.StartsWith('#')));

    internal Task WriteAsync(string text) =>
        File.WriteAllTextAsync(Host.RulesFile, text, TestContext.Current.CancellationToken);

    internal Task<string> ReadAsync() => File.ReadAllTextAsync(Host.RulesFile, TestContext.Current.CancellationToken);

    internal Task<HostSurvey> SurveyAsync() =>
        Host.Network.SurveyAsync([Grown], 65_533, TestContext.Current.CancellationToken);

    internal Task BackUpAsync(IReadOnlyList<ForeignRule> rules) =>
        Host.Network.BackUpAsync(rules, Backup, TestContext.Current.CancellationToken);

    internal Task RestoreAsync(IReadOnlyList<ForeignRule> rules) =>
        Host.Network.RestoreAsync(rules, Backup, TestContext.Current.CancellationToken);

    internal Task<IReadOnlyList<string>> SetAsync(IReadOnlyList<ForeignRule> replaced, params PoolNetwork[] networks) =>
        Host.Network.SetNetworksAsync(
            networks.Length == 0 ? [Grown] : networks,
            replaced,
            TestContext.Current.CancellationToken
        );

    public async ValueTask DisposeAsync()
    {
        await Host.DisposeAsync();
        if (Directory.Exists(Backup))
            Directory.Delete(Backup, recursive: true);
    }
}
