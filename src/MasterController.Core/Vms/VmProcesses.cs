using MasterController.Linux.Processes;

namespace MasterController.Core.Vms;

public sealed record VmProcess(string VmId, ProcessIdentity Process);
