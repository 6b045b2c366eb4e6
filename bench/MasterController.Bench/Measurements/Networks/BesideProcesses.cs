using System.Diagnostics;
using MasterController.Bench.Reports;
using MasterController.Bench.Subjects.Networks;
using MasterController.Core.HostNetwork;
using MasterController.Linux.Namespaces;
using Microsoft.Extensions.Logging.Abstractions;

namespace MasterController.Bench.Measurements.Networks;

/// <summary>
/// 200 VMs that come one after the other and go again: by the controller's code, by programs (ip, sysctl, nft), and by
/// CNI, in turns. All in this process's namespace, each with addresses of its own.
/// </summary>
internal static class BesideProcesses
{
    private const int Vms = 200;
    private const int OfPrograms = 10_000;

    private static readonly string[] _names = ["controller", "ip, sysctl and nft", "CNI bridge and host-local"];

    public static async Task RunAsync(Workplace workplace, Findings findings)
    {
        var options = new HostNetworkOptions(RulesFile: workplace.NewFile("rules", "none"));
        await using var network = await RoutedHostNetwork.OpenAsync(options, NullLogger<RoutedHostNetwork>.Instance);
        await network.TakeOverAsync(Places.Desired([]), CancellationToken.None);
        await NetworkPrograms.PrepareAsync();
        var cni = new CniBridge(workplace.NewDirectory("cni-bridge"));
        // A container's namespace is not CNI's work.
        NetworkNamespace[] spaces = [.. Enumerable.Range(0, Vms).Select(_ => NetworkNamespace.Create())];
        Func<int, Task<TimeSpan>>[] comes =
        [
            vm => TimeAsync(network.AttachAsync, Places.At(Places.Address(vm))),
            vm => NetworkPrograms.AttachAsync(Places.At(Places.Address(OfPrograms + vm))),
            vm => cni.AddAsync(vm, spaces[vm].Path),
        ];
        Func<int, Task<TimeSpan>>[] goes =
        [
            vm => TimeAsync(network.DetachAsync, Places.At(Places.Address(vm))),
            vm => NetworkPrograms.DetachAsync(Places.At(Places.Address(OfPrograms + vm))),
            vm => cni.DeleteAsync(vm, spaces[vm].Path),
        ];
        await RepeatAsync(findings, "a VM comes", comes);
        await RepeatAsync(findings, "a VM goes", goes);
        foreach (var space in spaces)
            space.Dispose();
    }

    private static async Task RepeatAsync(Findings findings, string what, Func<int, Task<TimeSpan>>[] subjects)
    {
        List<TimeSpan>[] times = [.. subjects.Select(_ => new List<TimeSpan>(Vms))];
        for (var vm = 0; vm < Vms; vm++)
        for (var i = 0; i < subjects.Length; i++)
            times[i].Add(await subjects[i](vm));
        Figure[] figures =
        [
            .. _names.Zip(times, (name, taken) => findings.Add(Figure.Milliseconds($"{what}: {name}", taken))),
        ];
        findings.Compare(figures[1], figures[0]);
        findings.Compare(figures[2], figures[0]);
    }

    private static async Task<TimeSpan> TimeAsync(Func<Attachment, CancellationToken, Task> work, Attachment attachment)
    {
        var began = Stopwatch.GetTimestamp();
        await work(attachment, CancellationToken.None);
        return Stopwatch.GetElapsedTime(began);
    }
}
