using MasterController.Linux.Addresses;
using Microsoft.Extensions.Logging;

namespace MasterController.Core.PoolChanges;

public sealed partial class PoolOperations
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "Pool {Pool}: {OperationId} is taken back")]
    private partial void LogFailed(Exception failure, string pool, string operationId);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Pool {Pool}: {OperationId} tries again in {Seconds} s")]
    private partial void LogTryingAgain(Exception failure, string pool, string operationId, double seconds);

    [LoggerMessage(Level = LogLevel.Information, Message = "Pool {Pool}: {Gateway} is no gateway any longer")]
    private partial void LogRetired(string pool, Ipv4Address gateway);

    [LoggerMessage(
        Level = LogLevel.Information,
        Message = "Pool {Pool}: going on with {OperationId}, which a former controller left at {Phase}"
    )]
    private partial void LogGoingOn(string pool, string operationId, PoolChangePhase phase);
}
