using System.Diagnostics;

namespace MasterController.Core.Operations;

/// <summary>
/// Work that is no operation, since what is left of it shows in what it works on; traced and measured as one. Without
/// <see cref="Succeed"/> it has failed when it is disposed.
/// </summary>
internal sealed class MeasuredWork(string kind, string subject, TimeProvider clock) : IDisposable
{
    private readonly Activity? _span = OperationTrace.Begin(kind, subject);
    private readonly long _began = clock.GetTimestamp();
    private OperationStatus _status = OperationStatus.Failed;
    private string? _error;

    public async Task StepAsync(string name, Func<Task> work)
    {
        var began = clock.GetTimestamp();
        using var span = OperationTrace.BeginStep(_span, name);
        try
        {
            await work();
        }
        catch (Exception failure)
        {
            _error = failure.Message;
            span?.SetStatus(ActivityStatusCode.Error, failure.Message);
            throw;
        }
        OperationMetrics.StepDone(kind, name, clock.GetElapsedTime(began));
    }

    public void Succeed() => (_status, _error) = (OperationStatus.Succeeded, null);

    public void Dispose()
    {
        OperationTrace.End(_span, _status, _error);
        OperationMetrics.Ended(kind, _status, clock.GetElapsedTime(_began));
    }
}
