using MasterController.Core.HostNetwork;
using MasterController.Core.HostNetwork.Policies;

namespace MasterController.LinuxTests.HostNetwork.Policies;

internal static class PoliciesInWords
{
    internal static async Task<TestHost> StartAsync(params Attachment[] attachments)
    {
        var host = await TestHost.StartAsync();
        await host.ApplyAsync(TestHost.Desired(attachments));
        return host;
    }

    internal static Attachment With(Attachment attachment, EgressPolicy? policy) => attachment with { Egress = policy };

    internal static EgressPolicy Policy(string rest, string allow, string deny) =>
        new(rest == "allow", Rules(allow), Rules(deny));

    internal static EgressRule[] Rules(string text) =>
        [.. text.Split(", ", StringSplitOptions.RemoveEmptyEntries).Select(EgressRule.Parse)];
}
