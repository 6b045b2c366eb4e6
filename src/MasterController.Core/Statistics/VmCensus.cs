using MasterController.Core.Vms;

namespace MasterController.Core.Statistics;

/// <summary>How many VMs there are, by what; one pass over their records.</summary>
/// <param name="Vcpus">Of those that have a share of the host: not of stopped and failed ones.</param>
/// <param name="MemoryMib">Likewise.</param>
public sealed record VmCensus(
    int Total,
    IReadOnlyDictionary<VmStatus, int> ByStatus,
    IReadOnlyDictionary<string, IReadOnlyDictionary<VmStatus, int>> ByType,
    IReadOnlyDictionary<string, int> ByPool,
    int Vcpus,
    long MemoryMib
)
{
    private static readonly VmStatus[] _statuses = Enum.GetValues<VmStatus>();

    public static VmCensus Of(IEnumerable<VmRecord> vms)
    {
        var byType = new SortedDictionary<string, int[]>(StringComparer.Ordinal);
        var byPool = new SortedDictionary<string, int>(StringComparer.Ordinal);
        var (total, vcpus, memory) = (0, 0, 0L);
        // Neighbours in the list are mostly alike: the table is asked only where they are not.
        var (lastType, lastCounts) = ((string?)null, Array.Empty<int>());
        foreach (var vm in vms)
        {
            total++;
            if (vm.Type != lastType)
            {
                lastType = vm.Type;
                if (!byType.TryGetValue(vm.Type, out lastCounts!))
                    byType[vm.Type] = lastCounts = new int[_statuses.Length];
            }
            lastCounts[(int)vm.Status]++;
            byPool[vm.Pool] = byPool.GetValueOrDefault(vm.Pool) + 1;
            if (VmRegistry.TakesMemory(vm))
                (vcpus, memory) = (vcpus + vm.Vcpus, memory + vm.MemoryMib);
        }
        return new VmCensus(
            total,
            Counted(status => byType.Values.Sum(counts => counts[(int)status])),
            byType.ToDictionary(t => t.Key, t => Counted(status => t.Value[(int)status])),
            byPool,
            vcpus,
            memory
        );
    }

    public int Of(VmStatus status) => ByStatus.GetValueOrDefault(status);

    public int OfType(string type) => ByType.TryGetValue(type, out var counts) ? counts.Values.Sum() : 0;

    private static IReadOnlyDictionary<VmStatus, int> Counted(Func<VmStatus, int> count) =>
        _statuses
            .Select(s => (Status: s, Count: count(s)))
            .Where(s => s.Count > 0)
            .ToDictionary(s => s.Status, s => s.Count);
}
