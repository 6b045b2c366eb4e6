using System.CommandLine;
using MasterController.Cli.Api;
using MasterController.Cli.Errors;

namespace MasterController.Cli.Commands.Completion;

/// <summary>
/// <c>mctl __complete</c>, which the completion scripts call for names: silent and quick, whatever is wrong, since
/// somebody is in the middle of typing.
/// </summary>
internal static class CompleteCommand
{
    public const string Name = "__complete";

    private const int MostNames = 500;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    public static CliCommand Create()
    {
        var source = new Argument<string>("SOURCE");
        source.AcceptOnlyFromAmong([.. NameSource.All]);
        return new CliCommand(Name, "Print names for a completion script")
        {
            Hidden = true,
            Run = async session =>
            {
                using var patience = new CancellationTokenSource(Patience, session.Terminal.Time);
                try
                {
                    foreach (var name in await NamesAsync(session.Api, session.Get(source), patience.Token))
                    {
                        session.Out.Write(name + "\n");
                    }
                }
                catch (Exception e) when (e is OperationCanceledException || ErrorReport.Of(e) is not null)
                {
                    // No names to offer.
                }

                return ExitCode.Ok;
            },
        }.With(source);
    }

    private static async Task<IEnumerable<string>> NamesAsync(ApiClient api, string source, CancellationToken cancel) =>
        source switch
        {
            NameSource.Vms => (await api.ListVmsAsync(new VmFilter(), MostNames, cancel)).Items.Select(vm => vm.Name),
            NameSource.Pools => (await api.ListPoolsAsync(cancel)).Items.Select(pool => pool.Name),
            NameSource.Images => (await api.ListImagesAsync(cancel)).Items.Select(image => image.Name),
            NameSource.Operations => (await api.ListOperationsAsync(cancel)).Items.Select(operation => operation.Id),
            _ => (await api.ListLeasesAsync("default", MostNames, cancel)).Items.Select(lease => lease.Address),
        };
}
