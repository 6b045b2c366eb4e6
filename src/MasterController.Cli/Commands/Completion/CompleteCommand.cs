using System.CommandLine;
using System.Globalization;
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
        var of = new Argument<string?>("OF") { Arity = ArgumentArity.ZeroOrOne };
        return new CliCommand(Name, "Print names for a completion script")
        {
            Hidden = true,
            Run = async session =>
            {
                using var patience = new CancellationTokenSource(Patience, session.Terminal.Time);
                try
                {
                    foreach (
                        var name in await NamesAsync(session.Api, session.Get(source), session.Get(of), patience.Token)
                    )
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
        }.With(source, of);
    }

    /// <param name="of">The first argument of the command that is being typed.</param>
    private static async Task<IEnumerable<string>> NamesAsync(
        ApiClient api,
        string source,
        string? of,
        CancellationToken cancel
    ) =>
        source switch
        {
            NameSource.Vms => (await api.ListVmsAsync(new VmFilter(), MostNames, cancel)).Items.Select(vm => vm.Name),
            NameSource.Pools => (await api.ListPoolsAsync(cancel)).Items.Select(pool => pool.Name),
            NameSource.Images => (await api.ListImagesAsync(cancel)).Items.Select(image => image.Name),
            NameSource.Operations => (await api.ListOperationsAsync(cancel)).Items.Select(operation => operation.Id),
            NameSource.Forwards => (await api.ListForwardsAsync(null, MostNames, cancel)).Items.Select(item => item.Id),
            NameSource.Keys => (await api.ListKeysAsync(cancel)).Items.Select(key => key.Name),
            NameSource.WebHooks => (await api.ListWebHooksAsync(cancel)).Items.Select(item => item.Name),
            NameSource.Owners => (await api.ListQuotasAsync(cancel)).Items.Select(item => item.Owner),
            NameSource.Ranges when of is not null => (await api.GetPoolAsync(of, cancel)).Ranges.Select(r => r.Cidr),
            NameSource.Reservations when of is not null => (await api.GetPoolAsync(of, cancel)).Ranges.SelectMany(
                range => range.Reservations
            ),
            NameSource.Versions when of is not null => (await api.GetPoolHistoryAsync(of, cancel)).Items.Select(
                version => version.Version.ToString(CultureInfo.InvariantCulture)
            ),
            NameSource.Ranges or NameSource.Reservations or NameSource.Versions => [],
            _ => (await api.ListLeasesAsync("default", MostNames, cancel)).Items.Select(lease => lease.Address),
        };
}
