using MasterController.Core.Operations;
using MasterController.Core.Store;
using Xunit;

namespace MasterController.Tests.Store;

public sealed class StoreDocumentsTests
{
    [Fact]
    public void An_operation_of_a_version_that_measured_no_steps_is_read()
    {
        var operation = StoreDocuments.ReadOperation(
            """
            {"id":"op-1","kind":"vm.create","subject":"vm-1","status":"Running","progress":0.5,
             "steps":[{"name":"disks","status":"Done"},{"name":"boot","status":"Running"}],
             "startedAt":"2026-01-02T03:04:05+00:00"}
            """
        );
        Assert.Equal(
            [new OperationStep("disks", StepStatus.Done), new OperationStep("boot", StepStatus.Running)],
            operation.Steps
        );
    }
}
