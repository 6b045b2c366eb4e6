using Microsoft.Extensions.Logging;

namespace MasterController.Core.HostNetwork.Survey;

/// <summary>Compares the kernel's limits with what VMs on all addresses of all pools would need.</summary>
/// <param name="vms">How many those are.</param>
/// <param name="tune">Whether limits that are this controller's own to set are raised at the start.</param>
public sealed partial class LimitCheck(IHostNetwork network, Func<long> vms, bool tune, ILogger<LimitCheck> logger)
{
    /// <summary>Those that are too low now.</summary>
    /// <exception cref="HostNetworkException">The kernel could not be read.</exception>
    public Task<IReadOnlyList<HostLimit>> ReadAsync(CancellationToken cancellationToken) =>
        network.ReadLimitsAsync(vms(), cancellationToken);

    /// <summary>Raises what may be raised, and warns of the rest; what cannot be read stops nobody.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (tune)
                foreach (var raise in await network.RaiseLimitsAsync(vms(), cancellationToken))
                    if (raise.Failure is { } failure)
                        LogNotRaised(raise.Name, raise.From, raise.To, failure);
                    else
                        LogRaised(raise.Name, raise.From, raise.To);
            foreach (var limit in await ReadAsync(cancellationToken))
                LogLimit(limit.Message, limit.Fix);
        }
        catch (HostNetworkException failure)
        {
            LogNotRead(failure);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Raised {Name} from {From} to {To}")]
    private partial void LogRaised(string name, long from, long to);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Name} could not be raised from {From} to {To}: {Failure}")]
    private partial void LogNotRaised(string name, long from, long to, string failure);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Too low for the size of the pools: {Limit}; to mend it: {Fix}")]
    private partial void LogLimit(string limit, string fix);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The kernel's limits could not be read")]
    private partial void LogNotRead(Exception failure);
}
