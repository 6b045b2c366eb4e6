using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using MasterController.Core.HostNetwork.Policies;
using MasterController.Core.Hypervisors;
using MasterController.Core.Hypervisors.Firecracker;
using Xunit;

namespace MasterController.Tests.Hypervisors;

public sealed class FirecrackerTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_vm_is_configured_in_order_and_started()
    {
        await using var fake = await FakeFirecracker.StartAsync();
        using var client = new FirecrackerClient(fake.SocketPath, TimeProvider.System);

        await FirecrackerBoot.Of(TestLaunch.Vm).RunAsync(client, Token);

        Assert.Equal(
            [
                """PUT /machine-config {"vcpu_count":2,"mem_size_mib":512}""",
                """PUT /boot-source {"kernel_image_path":"/i/vmlinux","initrd_path":"/i/initramfs","boot_args":"console=ttyS0 quiet reboot=k panic=-1 i8042.noaux i8042.nomux i8042.dumbkbd swiotlb=noforce ip=192.168.100.2::192.168.100.1:255.255.255.0::eth0:off"}""",
                """PUT /drives/root {"drive_id":"root","path_on_host":"/i/root.img","is_root_device":false,"is_read_only":true}""",
                """PUT /drives/overlay {"drive_id":"overlay","path_on_host":"/s/vms/vm-1/overlay.img","is_root_device":false,"is_read_only":false}""",
                """PUT /network-interfaces/eth0 {"iface_id":"eth0","host_dev_name":"fcc0a86402","guest_mac":"02:fc:c0:a8:64:02"}""",
                """PUT /entropy {}""",
                """PUT /actions {"action_type":"InstanceStart"}""",
            ],
            fake.Taken
        );
    }

    [Fact]
    public async Task A_number_out_of_range_is_refused_with_the_call_and_the_words_of_firecracker()
    {
        await using var fake = await FakeFirecracker.StartAsync();

        var refused = await RefusedAsync(fake, TestLaunch.Vm with { Vcpus = 33 });

        Assert.Equal("PUT /machine-config: 400: invalid value 33 for `vcpu_count`", refused.Message);
        Assert.Empty(fake.Taken);
    }

    [Fact]
    public async Task A_limit_is_set_with_the_interface_and_changed_and_taken_away_while_the_guest_runs()
    {
        await using var fake = await FakeFirecracker.StartAsync();
        using var client = new FirecrackerClient(fake.SocketPath, TimeProvider.System);
        var limit = new RateLimit(OutBytesPerSecond: 1_000_000, OutBurstBytes: 500_000, InPacketsPerSecond: 1_000);

        await FirecrackerBoot.Of(TestLaunch.Vm with { RateLimit = limit }).RunAsync(client, Token);
        await UpdateAsync(new RateLimit(InBytesPerSecond: 2_000_000, OutPacketsPerSecond: 10, OutBurstPackets: 5));
        await UpdateAsync(null);

        Assert.Equal(
            [
                """PUT /network-interfaces/eth0 {"iface_id":"eth0","host_dev_name":"fcc0a86402","guest_mac":"02:fc:c0:a8:64:02","rx_rate_limiter":{"bandwidth":{"size":0,"refill_time":0},"ops":{"size":1000,"refill_time":1000}},"tx_rate_limiter":{"bandwidth":{"size":1500000,"refill_time":1500},"ops":{"size":0,"refill_time":0}}}""",
                """PATCH /network-interfaces/eth0 {"iface_id":"eth0","rx_rate_limiter":{"bandwidth":{"size":2065536,"refill_time":1032},"ops":{"size":0,"refill_time":0}},"tx_rate_limiter":{"bandwidth":{"size":0,"refill_time":0},"ops":{"size":15,"refill_time":1500}}}""",
                """PATCH /network-interfaces/eth0 {"iface_id":"eth0","rx_rate_limiter":{"bandwidth":{"size":0,"refill_time":0},"ops":{"size":0,"refill_time":0}},"tx_rate_limiter":{"bandwidth":{"size":0,"refill_time":0},"ops":{"size":0,"refill_time":0}}}""",
            ],
            fake.Taken.Where(request => request.Contains("/network-interfaces/"))
        );

        Task UpdateAsync(RateLimit? changed) =>
            client.PatchAsync(
                "network-interfaces/eth0",
                NetworkInterfaceUpdate.Of(changed),
                FirecrackerJson.Default.NetworkInterfaceUpdate,
                Token
            );
    }

    [Fact]
    public async Task A_busy_tap_is_seen_before_the_start()
    {
        await using var fake = await FakeFirecracker.StartAsync();
        fake.TapBusy = true;

        var refused = await RefusedAsync(fake, TestLaunch.Vm);

        Assert.StartsWith("PUT /network-interfaces/eth0: 400: Could not create the network device", refused.Message);
        Assert.DoesNotContain(fake.Taken, request => request.Contains("InstanceStart"));
    }

    [Fact]
    public async Task A_started_vm_takes_no_configuration()
    {
        await using var fake = await FakeFirecracker.StartAsync();
        using var client = new FirecrackerClient(fake.SocketPath, TimeProvider.System);
        await FirecrackerBoot.Of(TestLaunch.Vm).RunAsync(client, Token);

        var refused = await RefusedAsync(fake, TestLaunch.Vm);

        Assert.Contains("not supported after starting", refused.Message);
    }

    [Fact]
    public async Task An_old_version_is_refused()
    {
        await using var fake = await FakeFirecracker.StartAsync();
        fake.Version = "1.3.3";

        var refused = await RefusedAsync(fake, TestLaunch.Vm);

        Assert.Equal("version 1.3.3 is too old, 1.4 or later is needed", refused.Message);
    }

    [Fact]
    public async Task The_error_shape_of_the_http_server_is_understood()
    {
        await using var fake = await FakeFirecracker.StartAsync();
        using var client = new FirecrackerClient(fake.SocketPath, TimeProvider.System);
        var big = new BootSource("/i/vmlinux", "/i/initramfs", new string('x', 51_200));

        var refused = await Assert.ThrowsAsync<HypervisorException>(() =>
            client.PutAsync("boot-source", big, FirecrackerJson.Default.BootSource, Token)
        );

        Assert.Equal(
            "PUT /boot-source: 400: Request payload with size exceeds the limit of 51200 bytes.",
            refused.Message
        );
    }

    [Theory]
    [InlineData("PUT", "/no-such-thing", "{}", "Invalid request method and/or path")]
    [InlineData("PATCH", "/actions", "{}", "Invalid request method and/or path")]
    [InlineData(
        "PUT",
        "/machine-config",
        """{"vcpu_count":1,"mem_size_mib":64,"turbo":true}""",
        "unknown field `turbo`"
    )]
    [InlineData("PUT", "/machine-config", """{"vcpu_count":"1","mem_size_mib":64}""", "invalid type for `vcpu_count`")]
    [InlineData("PUT", "/machine-config", """{"vcpu_count":1}""", "missing field `mem_size_mib`")]
    [InlineData("PUT", "/actions", """{"action_type":"InstanceStart"}""", "without kernel configuration")]
    [InlineData("PUT", "/actions", """{"action_type":"SendCtrlAltDel"}""", "before starting")]
    public async Task The_fake_refuses_what_firecracker_refuses(string method, string path, string body, string fault)
    {
        await using var fake = await FakeFirecracker.StartAsync();

        Assert.Contains(fault, await SendAsync(fake, method, path, new StringContent(body)));
        Assert.Empty(fake.Taken);
    }

    [Fact]
    public async Task The_fake_reads_a_chunked_body_as_an_empty_one()
    {
        await using var fake = await FakeFirecracker.StartAsync();
        var chunked = new StreamContent(new MemoryStream("""{"vcpu_count":1,"mem_size_mib":64}"""u8.ToArray()));

        Assert.Contains("EOF", await SendAsync(fake, "PUT", "/machine-config", chunked, chunked: true));
    }

    [Fact]
    public async Task Nobody_on_the_socket_is_waited_for_until_the_caller_gives_up()
    {
        using var client = new FirecrackerClient("/nonexistent/control.sock", TimeProvider.System);
        using var giveUp = new CancellationTokenSource(TimeSpan.FromMilliseconds(100));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => client.WaitUntilReadyAsync(giveUp.Token));
    }

    [Fact]
    public void Kernel_parameters_have_a_greatest_length() =>
        Assert.Throws<HypervisorException>(() =>
            FirecrackerBoot.Of(TestLaunch.Vm with { GuestArguments = new string('x', 2048) })
        );

    [Fact]
    public void A_guest_without_network_gets_no_interface() =>
        Assert.Null(FirecrackerBoot.Of(TestLaunch.Vm with { OpenTap = null }).Network);

    [Fact]
    public void The_process_is_told_its_socket_and_its_log() =>
        Assert.Equal(
            "--id vm-1 --api-sock /s/vms/vm-1/control.sock --log-path /s/vms/vm-1/firecracker.log --level Warning",
            string.Join(' ', FirecrackerHypervisor.Arguments(TestLaunch.Vm))
        );

    private static async Task<HypervisorException> RefusedAsync(FakeFirecracker fake, VmLaunch launch)
    {
        using var client = new FirecrackerClient(fake.SocketPath, TimeProvider.System);
        return await Assert.ThrowsAsync<HypervisorException>(() => FirecrackerBoot.Of(launch).RunAsync(client, Token));
    }

    /// <summary>As a client could that knows less of Firecracker than ours.</summary>
    private static async Task<string> SendAsync(
        FakeFirecracker fake,
        string method,
        string path,
        HttpContent content,
        bool chunked = false
    )
    {
        using var handler = new SocketsHttpHandler
        {
            ConnectCallback = async (_, token) =>
            {
                var socket = new System.Net.Sockets.Socket(
                    System.Net.Sockets.AddressFamily.Unix,
                    System.Net.Sockets.SocketType.Stream,
                    System.Net.Sockets.ProtocolType.Unspecified
                );
                await socket.ConnectAsync(new System.Net.Sockets.UnixDomainSocketEndPoint(fake.SocketPath), token);
                return new System.Net.Sockets.NetworkStream(socket, ownsSocket: true);
            },
        };
        using var http = new HttpClient(handler);
        using var request = new HttpRequestMessage(new HttpMethod(method), $"http://localhost{path}");
        request.Content = content;
        request.Headers.TransferEncodingChunked = chunked;
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        using var response = await http.SendAsync(request, Token);
        Assert.Equal(System.Net.HttpStatusCode.BadRequest, response.StatusCode);
        var answer = JsonNode.Parse(await response.Content.ReadAsStringAsync(Token))!.AsObject();
        return (string)Assert.Single(answer).Value!;
    }
}
