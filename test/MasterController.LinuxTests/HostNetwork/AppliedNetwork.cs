using System.Runtime.CompilerServices;
using MasterController.Core.HostNetwork;
using MasterController.Core.HostNetwork.Drift;
using Microsoft.Extensions.Logging;

namespace MasterController.LinuxTests.HostNetwork;

/// <summary>Host networks that tell in words what they have changed.</summary>
internal static class AppliedNetwork
{
    private static readonly ConditionalWeakTable<RoutedHostNetwork, Changes> _changes = [];

    internal static async Task<RoutedHostNetwork> OpenAsync(HostNetworkOptions options)
    {
        var changes = new Changes();
        var network = await RoutedHostNetwork.OpenAsync(options, changes);
        _changes.Add(network, changes);
        return network;
    }

    /// <summary>
    /// As a controller starts: takes the host over, compares it and repairs what is ours. Empty when everything was right.
    /// </summary>
    /// <exception cref="HostNetworkException">The kernel refused something.</exception>
    internal static async Task<IReadOnlyList<string>> ApplyAsync(
        this RoutedHostNetwork network,
        DesiredNetwork desired,
        CancellationToken cancellationToken
    )
    {
        _changes.TryGetValue(network, out var changes);
        changes!.Clear();
        await network.TakeOverAsync(desired, cancellationToken);
        var observation = await network.ObserveAsync(ObservationScope.All, cancellationToken);
        var outcomes = await network.RepairAsync(observation.Differences, cancellationToken);
        return outcomes.FirstOrDefault(outcome => outcome.Failure is not null) is { } failed
            ? throw new HostNetworkException(failed.Failure!)
            : changes.ToList();
    }

    private sealed class Changes : ILogger<RoutedHostNetwork>
    {
        private const string Prefix = "Host network: ";

        private readonly Lock _lock = new();
        private readonly List<string> _lines = [];

        public void Clear()
        {
            lock (_lock)
                _lines.Clear();
        }

        public IReadOnlyList<string> ToList()
        {
            lock (_lock)
                return [.. _lines];
        }

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter
        )
        {
            var text = formatter(state, exception);
            if (text.StartsWith(Prefix, StringComparison.Ordinal))
                lock (_lock)
                    _lines.Add(text[Prefix.Length..]);
        }

        public bool IsEnabled(LogLevel logLevel) => true;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;
    }
}
