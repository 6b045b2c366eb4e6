namespace MasterController.Core.Diagnostics;

/// <summary>
/// Examines the host and changes nothing. Each family reads its facts when it is asked and judges them in a pure
/// function; families run beside each other and are told in their own order.
/// </summary>
public sealed class Doctor(params IReadOnlyList<Func<CancellationToken, Task<IReadOnlyList<Finding>>>> families)
{
    public async Task<IReadOnlyList<Finding>> ExamineAsync(CancellationToken cancellationToken)
    {
        var findings = await Task.WhenAll(
            families.Select(f => Task.Run(() => f(cancellationToken), cancellationToken))
        );
        return [.. findings.SelectMany(f => f)];
    }
}
