namespace MasterController.LinuxTests.EndToEnd;

public sealed class OneControllerTests
{
    [Fact]
    public async Task A_second_controller_on_the_same_state_refuses_and_says_who_holds_it()
    {
        await using var host = await TestHost.StartAsync(image: null);

        var (exitCode, output) = await host.RunSecondControllerAsync(
            "--socket",
            Path.Combine(host.Directory, "2.sock")
        );

        Assert.NotEqual(0, exitCode);
        Assert.Contains($"{host.ControllerPid}", output);
        Assert.Contains(host.StateDirectory, output);
    }

    [Fact]
    public async Task A_second_controller_on_the_same_host_network_refuses_and_says_who_holds_it()
    {
        await using var host = await TestHost.StartAsync(image: null);
        var other = Path.Combine(host.Directory, "state2");
        var before = Network(host);

        var (exitCode, output) = await host.RunSecondControllerAsync(
            "--state-dir",
            other,
            "--socket",
            Path.Combine(host.Directory, "2.sock")
        );

        Assert.NotEqual(0, exitCode);
        Assert.Contains($"{host.ControllerPid}", output);
        Assert.Equal(before, Network(host));
        Assert.True(await host.Api.IsReadyAsync());
    }

    private static string Network(TestHost host) =>
        string.Join(
            '\n',
            host.Run("nft", "-s", "list", "ruleset"),
            host.Run("ip", "-4", "address", "show"),
            host.Run("ip", "route", "show", "table", "all"),
            host.Run("ip", "-o", "link", "show")
        );
}
