using Microsoft.Extensions.Logging;

namespace MasterController.Core.HostNetwork;

public sealed partial class RoutedHostNetwork
{
    [LoggerMessage(Level = LogLevel.Information, Message = "Host network: {Change}")]
    private partial void LogChange(string change);

    [LoggerMessage(Level = LogLevel.Debug, Message = "Host network: {Change}")]
    private partial void LogRepair(string change);

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "There is no default route and no uplink is configured: guests reach nothing outside, no masquerade"
    )]
    private partial void LogNoUplink();

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "A pool is in bridge mode, and its VMs cannot be attached: {Obstacle}"
    )]
    private partial void LogBridgeObstructed(string obstacle);

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "{Count} dedicated addresses could not be announced on {Uplink}; who remembers another place for them "
            + "reaches them when it has forgotten that: {Why}"
    )]
    private partial void LogNotAnnounced(int count, string uplink, string why);

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "The uplink {Uplink} does not exist: guests reach nothing outside until it does"
    )]
    private partial void LogUplinkMissing(string uplink);
}
