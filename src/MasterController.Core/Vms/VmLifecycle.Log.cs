using Microsoft.Extensions.Logging;

namespace MasterController.Core.Vms;

public sealed partial class VmLifecycle
{
    private void LogStatus(string vmId, string name, string address, string status, string? reason)
    {
        if (reason is null)
            LogNewStatus(vmId, name, address, status);
        else
            LogNewStatusAndReason(vmId, name, address, status, reason);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{VmId} ({Name}, {Address}) is {Status}")]
    private partial void LogNewStatus(string vmId, string name, string address, string status);

    [LoggerMessage(Level = LogLevel.Information, Message = "{VmId} ({Name}, {Address}) is {Status}: {Reason}")]
    private partial void LogNewStatusAndReason(string vmId, string name, string address, string status, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{VmId} could not be booted")]
    private partial void LogBootFailed(Exception failure, string vmId);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Undoing the boot of {VmId} left something behind")]
    private partial void LogUndoFailed(Exception failure, string vmId);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{VmId} could not be deleted; trying again in {Seconds} s")]
    private partial void LogDeleteFailed(Exception failure, string vmId, double seconds);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{VmId}: trying again in {Seconds} s")]
    private partial void LogTryingAgain(Exception failure, string vmId, double seconds);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The console of {VmId} cannot be read")]
    private partial void LogNoConsole(Exception failure, string vmId);
}
