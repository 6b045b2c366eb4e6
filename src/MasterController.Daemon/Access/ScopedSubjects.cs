using MasterController.Core.Operations;
using MasterController.Core.Vms;

namespace MasterController.Daemon.Access;

/// <summary>
/// Which subjects of events and operations a caller may see: VMs in its scope, operations on them, and what it has begun
/// itself. A VM that was seen stays so until the end of a stream, so that its deletion is told.
/// </summary>
internal sealed class ScopedSubjects
{
    private readonly Caller? _caller;
    private readonly VmLifecycle _vms;
    private readonly OperationJournal _journal;
    private readonly HashSet<string> _seen = [];

    public ScopedSubjects(Caller? caller, VmLifecycle vms, OperationJournal journal)
    {
        (_caller, _vms, _journal) = (caller, vms, journal);
        if (!IsEverything)
            _seen.UnionWith(vms.All.Where(Scope.Has).Select(vm => vm.Id));
    }

    /// <summary>The subject of an event: a VM's id, an operation's, a pool, or something else.</summary>
    public bool Has(string subject)
    {
        if (IsEverything || HasVm(subject) || Has(subject, out var operation))
            return true;
        return operation is null
            && _vms.Find(subject) is null
            && Scope is { Owner: null, Pool: { } pool }
            && pool == subject;
    }

    public bool Has(Operation operation) =>
        IsEverything
        || operation.By == _caller?.Actor
        || HasVm(operation.Subject)
        || (Scope is { Owner: null, Pool: { } pool } && operation.Subject == pool);

    private Scope Scope => _caller?.Scope ?? Scope.Everything;

    private bool IsEverything => Scope.IsEverything;

    private bool Has(string subject, out Operation? operation)
    {
        operation = _journal.Find(subject);
        return operation is not null && Has(operation);
    }

    private bool HasVm(string id)
    {
        if (_vms.Find(id) is { } vm && vm.Id == id && Scope.Has(vm))
            _seen.Add(id);
        return _seen.Contains(id);
    }
}
