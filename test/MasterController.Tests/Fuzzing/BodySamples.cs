using MasterController.Contracts;

namespace MasterController.Tests.Fuzzing;

/// <summary>A valid body of every contract that an endpoint reads.</summary>
internal static class BodySamples
{
    private const string Range =
        """{"cidr":"10.9.0.0/24","first":"10.9.0.5","last":"10.9.0.200","gateway":"10.9.0.1","reservations":["10.9.0.9"]}""";

    public static IReadOnlyDictionary<Type, string> All { get; } =
        new Dictionary<Type, string>
        {
            [typeof(CreateVmRequest)] = """
                {"name":"web-1","type":"cli","image":"golden","owner":"ann","labels":{"a":"b"},"pool":"p","address":"10.9.0.7",
                "vcpus":2,"memoryMib":512,"restart":"never","egress":{"default":"deny","allow":["0.0.0.0/0:443/tcp"],"deny":[]},
                "rateLimit":{"outBytesPerSecond":100000,"inPacketsPerSecond":5},"ipv6":"auto"}
                """,
            [typeof(StopVmRequest)] = """{"timeoutSeconds":10}""",
            [typeof(EgressPolicy)] =
                """{"default":"deny","allow":["0.0.0.0/0:443/tcp","[::/0]:53/udp"],"deny":["10.0.0.0/8"]}""",
            [typeof(RateLimit)] = """{"outBytesPerSecond":100000,"outBurstBytes":70000,"inPacketsPerSecond":5}""",
            [typeof(CreatePoolRequest)] = $$"""
                {"name":"fuzz","ranges":[{{Range}}],"cooldownSeconds":5,"strategy":"next","allowVmToVm":true,
                "allowEarlyReuse":false,"network":"routed"}
                """,
            [typeof(CreatePlanRequest)] =
                """{"action":"expand","cidr":"10.9.0.0/16","first":"10.9.0.5","gateway":"10.9.0.1","reservations":[],"version":1,"drain":false}""",
            [typeof(ApplyPlanRequest)] = """{"confirmWithinSeconds":60}""",
            [typeof(CreateLeaseRequest)] = """{"owner":"printer","address":"10.8.0.9"}""",
            [typeof(RepairNetworkRequest)] = """{"plan":true}""",
            [typeof(OpenRequest)] =
                """{"services":["tcp/22","udp/53-60"],"from":["10.0.0.0/8","2001:db8::/32"],"plan":true}""",
            [typeof(AttachAddressRequest)] = """{"address":"203.0.113.9","kind":"ipv4","move":false,"plan":true}""",
            [typeof(AddForwardRequest)] =
                """{"vm":"web-1","guestPorts":"80-90","hostPorts":"8080-8090","hostAddress":"203.0.113.1","protocol":"tcp","from":["10.0.0.0/8"],"plan":true}""",
            [typeof(RollbackExternalRequest)] = """{"plan":true}""",
            [typeof(BuildImageRequest)] = """{"name":"golden"}""",
            [typeof(CreateApiKeyRequest)] =
                """{"name":"ci","role":"viewer","owner":"ann","pool":"p","expiresInSeconds":600}""",
            [typeof(QuotaLimits)] = """{"vms":5,"vcpus":10,"memoryMib":4096,"addresses":6,"dedicatedAddresses":0}""",
            [typeof(CreateWebHookRequest)] =
                """{"name":"ci","url":"http://127.0.0.1:1/x","events":["vm","operation.failed"],"secret":"0123456789abcdef"}""",
        };
}
