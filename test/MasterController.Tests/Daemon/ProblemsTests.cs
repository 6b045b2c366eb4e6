using MasterController.Core.Addressing;
using MasterController.Core.Operations;
using MasterController.Core.Vms;
using MasterController.Daemon.Errors;
using MasterController.Linux.Addresses;
using MasterController.Linux.Processes;
using Xunit;

namespace MasterController.Tests.Daemon;

public class ProblemsTests
{
    private static readonly Ipv4Address Address = Ipv4Address.Parse("192.0.2.2");
    private static readonly DateTimeOffset Then = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
    private static readonly Lease SomeLease = new("default", Address, "ci-7", Then);

    private static readonly Operation Build = new(
        "op-1",
        "image.build",
        "golden",
        OperationStatus.Running,
        [],
        Progress: 0.5,
        "unpacking",
        Error: null,
        Then,
        EndedAt: null
    );

    public static TheoryData<VmOutcome, int, string, string> VmRefusals =>
        new()
        {
            { new VmOutcome.NotFound("web"), 404, "not-found", "\"web\"" },
            { new VmOutcome.NameTaken("web", "vm-1"), 409, "name-taken", "vm-1" },
            { new VmOutcome.IdempotencyConflict("k", "it made vm-1"), 409, "idempotency-conflict", "\"k\"" },
            { new VmOutcome.ImageMissing("golden"), 409, "image-missing", "mctl image build" },
            { new VmOutcome.ImageBuilding("golden", Build), 409, "image-building", "op-1" },
            { new VmOutcome.LimitReached("vms", 5, "5 VMs"), 409, "limit-reached", "5 VMs" },
            { new VmOutcome.NetworkModeNone(), 409, "network-mode-none", "routed" },
            {
                new VmOutcome.NoAddress(new LeaseOutcome.Exhausted("default", new PoolCounts(253, 250, 3, 0, 0))),
                409,
                "pool-exhausted",
                "253"
            },
            {
                new VmOutcome.Invalid(new Dictionary<string, string[]> { ["name"] = ["is no label"] }),
                400,
                "invalid-request",
                "name: is no label"
            },
        };

    [Theory]
    [MemberData(nameof(VmRefusals))]
    public void A_refused_wish_about_a_VM_is_a_problem(VmOutcome outcome, int status, string type, string detail) =>
        AssertIs(Problems.From(outcome), status, type, detail);

    public static TheoryData<LeaseOutcome, int, string, string> LeaseRefusals =>
        new()
        {
            { new LeaseOutcome.NoSuchPool("p"), 404, "not-found", "\"p\"" },
            { new LeaseOutcome.AddressInUse(Address, "ci-7"), 409, "address-in-use", "ci-7" },
            { new LeaseOutcome.OwnerHoldsOther(Address, SomeLease), 409, "address-in-use", "ci-7" },
            { new LeaseOutcome.Cooling(Address, Then), 409, "address-cooling", "2026-01-02" },
            { new LeaseOutcome.Reserved(Address, "gateway"), 409, "address-reserved", "gateway" },
            {
                new LeaseOutcome.OutsidePool(
                    Address,
                    [
                        new AddressRange(
                            Ipv4Network.Parse("10.0.0.0/8"),
                            Ipv4Address.Parse("10.0.0.2"),
                            Ipv4Address.Parse("10.255.255.254"),
                            Gateway: null,
                            []
                        ),
                    ]
                ),
                400,
                "address-outside-pool",
                "10.0.0.0/8"
            },
        };

    [Theory]
    [MemberData(nameof(LeaseRefusals))]
    public void A_refused_lease_is_a_problem(LeaseOutcome outcome, int status, string type, string detail) =>
        AssertIs(Problems.From(outcome), status, type, detail);

    [Fact]
    public void A_release_by_another_is_a_conflict_and_a_second_one_finds_nothing()
    {
        AssertIs(Problems.From(new ReleaseOutcome.HeldByOther(Address, "ci-7")), 409, "address-in-use", "ci-7");
        AssertIs(Problems.From(new ReleaseOutcome.NotLeased(Address)), 404, "not-found", "192.0.2.2");
        AssertIs(Problems.From(new ReleaseOutcome.NoSuchPool("p")), 404, "not-found", "\"p\"");
    }

    [Fact]
    public void A_refused_pool_says_what_stands_in_the_way()
    {
        AssertIs(Problems.From(new PoolOutcome.NameTaken("p")), 409, "name-taken", "\"p\"");
        AssertIs(Problems.From(new PoolOutcome.HasLeases("p", [SomeLease])), 409, "pool-has-leases", "ci-7");
        AssertIs(
            Problems.From(new PoolOutcome.BridgeFull("p", 65_533, 253, 1_023)),
            409,
            "bridge-full",
            "65,533 addresses in bridge mode and other pools 253; one bridge has 1,023 ports"
        );
        AssertIs(
            Problems.From(new PoolOutcome.BridgeNotOurs("fcbr0 is here")),
            409,
            "bridge-not-ours",
            "fcbr0 is here."
        );
        var overlap = Problems.From(
            new PoolOutcome.Overlap(
                "ranges[0].cidr",
                Ipv4Network.Parse("10.0.0.0/8"),
                "default",
                Ipv4Network.Parse("10.1.0.0/16")
            )
        );
        AssertIs(overlap, 409, "pool-overlap", "10.1.0.0/16");
        Assert.Equal(["ranges[0].cidr"], overlap.Problem.Errors!.Keys);
    }

    [Fact]
    public void A_wrong_state_is_named()
    {
        var vm = new VmRecord(
            "vm-1",
            "web",
            "cli",
            Owner: null,
            new Dictionary<string, string>(),
            "golden",
            Vcpus: 1,
            MemoryMib: 256,
            RestartPolicy.Never,
            "default",
            Address,
            Ipv4Network.Parse("192.0.2.0/24"),
            Ipv4Address.Parse("192.0.2.1"),
            VmStatus.Running,
            StatusReason: null,
            "qemu",
            new ProcessIdentity(7, 1),
            Then,
            StartedAt: null,
            ReadyAt: null,
            Restarts: 0
        );
        AssertIs(Problems.From(new VmOutcome.WrongState(vm, "start")), 409, "wrong-state", "running");
        AssertIs(Problems.From(new VmOutcome.NotInForce(vm, "EPERM")), 503, "not-in-force", "EPERM");
        AssertIs(Problems.LeaseOfVm(vm), 409, "wrong-state", "web");
    }

    [Fact]
    public void A_build_under_way_carries_its_operation_and_progress()
    {
        var problem = Problems.From(new VmOutcome.ImageBuilding("golden", Build)).Problem;
        Assert.Equal(("op-1", 0.5), (problem.OperationId, problem.Progress));
    }

    private static void AssertIs(ProblemResult result, int status, string type, string detail)
    {
        Assert.Equal((status, $"/problems/{type}"), (result.Problem.Status, result.Problem.Type));
        Assert.Contains(detail, result.Problem.Detail, StringComparison.Ordinal);
    }
}
