using System.CommandLine;
using System.Text.Json;
using MasterController.Contracts;
using MasterController.Daemon.Endpoints;
using MasterController.Daemon.Hosting;
using MasterController.Linux.Addresses;

namespace MasterController.Daemon.Commands;

/// <summary><c>master-controller doctor</c>: examines the host without a running controller.</summary>
internal static class DoctorCommand
{
    public static Command Create(CommonOptions options, Option<string> output)
    {
        var doctor = new Command("doctor", "Examine the host; changes nothing, and fails only where VMs cannot run");
        doctor.Options.Add(output);
        doctor.SetAction(
            (parsed, cancellationToken) => RunAsync(options, parsed, parsed.GetValue(output)!, cancellationToken)
        );
        return doctor;
    }

    private static async Task<int> RunAsync(
        CommonOptions options,
        ParseResult parsed,
        string format,
        CancellationToken cancellationToken
    )
    {
        var config = options.Loader(parsed).Load();
        if (!CommonOptions.IsUsable(config, parsed.InvocationConfiguration.Error))
            return ExitCodes.Failed;
        var settings = config.Settings!;
        var network = Ipv4Network.Parse(settings.DefaultPool.Ranges[0].Cidr);
        var doctor = HostDoctor.Create(
            settings,
            () => [(settings.DefaultPool.Name, network)],
            kvm: null,
            TimeProvider.System
        );
        var report = DoctorEndpoint.Report(await doctor.ExamineAsync(cancellationToken));
        Write(report, format, parsed.InvocationConfiguration.Output);
        return report.Failed == 0 ? ExitCodes.Ok : ExitCodes.Failed;
    }

    private static void Write(DoctorReport report, string format, TextWriter output)
    {
        if (format == "json")
        {
            output.WriteLine(JsonSerializer.Serialize(report, ContractsJson.Default.DoctorReport));
            return;
        }
        foreach (var check in report.Checks)
        {
            output.WriteLine($"{check.Status.ToUpperInvariant(), -4}  {check.Code, -16}  {check.Message}");
            if (check.Fix is not null)
                output.WriteLine($"{"", -24}fix: {check.Fix}");
        }
        output.WriteLine(
            $"{report.Passed} passed, {report.Warned} warned, {report.Failed} failed, {report.Skipped} skipped"
        );
    }
}
