using System.Text.Json;
using MasterController.Core.Hypervisors;
using MasterController.Core.Store;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace MasterController.LinuxTests.Hypervisors;

public sealed class HypervisorSelectionTests(MinimalGuest guest)
{
    private const string None = "/nonexistent/hypervisor";
    private const string Present = "/bin/true";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("auto", Present, "on", "firecracker")]
    [InlineData("auto", Present, "off", "qemu-tcg")]
    [InlineData("auto", None, "on", "qemu")]
    [InlineData("auto", None, "off", "qemu-tcg")]
    [InlineData("firecracker", Present, "off", "firecracker")]
    [InlineData("qemu", Present, "on", "qemu")]
    public async Task It_follows_what_is_wanted_and_what_is_there(
        string wanted,
        string path,
        string kvm,
        string expected
    )
    {
        await using var vm = new TestVm(guest, "");
        await using var selection = Select(vm, new HypervisorOptions(wanted, path, Present, kvm), new Settings());

        Assert.Equal(expected, (await selection.SelectAsync(guest.Image, Token)).Name);
    }

    [Theory]
    [InlineData("firecracker", None, Present, "auto", "Firecracker is not there")]
    [InlineData("qemu", None, None, "auto", "QEMU is not there")]
    [InlineData("xen", None, None, "auto", "\"xen\"")]
    [InlineData("auto", None, Present, "maybe", "\"maybe\"")]
    public async Task What_cannot_be_is_refused(
        string wanted,
        string firecracker,
        string qemu,
        string kvm,
        string reason
    )
    {
        await using var vm = new TestVm(guest, "");
        await using var selection = Select(vm, new HypervisorOptions(wanted, firecracker, qemu, kvm), new Settings());

        var refused = await Assert.ThrowsAsync<HypervisorException>(() => selection.SelectAsync(guest.Image, Token));

        Assert.Contains(reason, refused.Message);
    }

    [Fact]
    public async Task A_program_that_boots_nothing_is_found_out_once_and_the_verdict_is_kept()
    {
        await using var vm = new TestVm(guest, "");
        var store = new Settings();
        var options = new HypervisorOptions("qemu", None, Present);

        await using (var selection = Select(vm, options, store))
        {
            var callers = await Task.WhenAll(
                Enumerable.Range(0, 8).Select(_ => selection.SelectAsync(guest.Image, Token))
            );
            Assert.All(callers, hypervisor => Assert.Equal("qemu-tcg", hypervisor.Name));
        }
        await using (var later = Select(vm, options, store))
            await later.SelectAsync(guest.Image, Token);

        Assert.Equal(1, store.Commits);
        var verdict = JsonSerializer.Deserialize<KvmVerdict>(store.Values["kvm-verdict.qemu"]);
        Assert.False(verdict!.Boots);
    }

    [Fact]
    public async Task A_verdict_of_another_image_does_not_count()
    {
        await using var vm = new TestVm(guest, "");
        var store = new Settings();
        await using var selection = Select(vm, new HypervisorOptions("qemu", None, Present), store);

        await selection.SelectAsync(guest.Image, Token);
        await selection.SelectAsync(guest.Image with { KernelBzImage = "/other/vmlinuz" }, Token);

        Assert.Equal(2, store.Commits);
    }

    [Fact]
    public async Task A_vm_found_again_gets_the_hypervisor_that_started_it()
    {
        await using var vm = new TestVm(guest, "");
        await using var selection = Select(vm, new HypervisorOptions("auto", None, None), new Settings());

        Assert.All(["firecracker", "qemu", "qemu-tcg"], name => Assert.Equal(name, selection.ByName(name).Name));
        Assert.Throws<HypervisorException>(() => selection.ByName("xen"));
    }

    private static HypervisorSelection Select(TestVm vm, HypervisorOptions options, Settings store)
    {
        var selection = new HypervisorSelection(
            options,
            vm.Processes,
            store,
            Path.Combine(Path.GetDirectoryName(vm.Place.Path)!, "probe"),
            TimeProvider.System,
            NullLogger<HypervisorSelection>.Instance
        );
        selection.Load(StoreSnapshot.Empty with { Settings = store.Values });
        return selection;
    }

    private sealed class Settings : IStateStore
    {
        public Dictionary<string, string> Values { get; } = [];

        public int Commits { get; private set; }

        public Task CommitAsync(params ReadOnlySpan<StoreChange> changes)
        {
            foreach (var change in changes)
            {
                var setting = Assert.IsType<StoreChange.SettingSaved>(change);
                Values[setting.Name] = setting.Value;
                Commits++;
            }
            return Task.CompletedTask;
        }

        public Task<StoreSnapshot> LoadAsync(CancellationToken cancellationToken) =>
            Task.FromException<StoreSnapshot>(new NotSupportedException());

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
