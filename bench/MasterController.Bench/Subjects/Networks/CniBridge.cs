using System.Diagnostics;

namespace MasterController.Bench.Subjects.Networks;

/// <summary>
/// CNI's plugin "bridge" with the allocator "host-local" and address translation, from Debian: how a container gets its
/// network (https://www.cni.dev/plugins/current/main/bridge/). A process for each that comes or goes, which starts others.
/// </summary>
internal sealed class CniBridge(string directory)
{
    private const string Plugins = "/usr/lib/cni";

    private readonly string _configuration = $$"""
        {
          "cniVersion": "0.4.0", "name": "bench", "type": "bridge", "bridge": "cni0", "isGateway": true, "ipMasq": true,
          "ipam": {
            "type": "host-local", "dataDir": "{{directory}}", "ranges": [[{ "subnet": "10.88.0.0/16" }]],
            "routes": [{ "dst": "0.0.0.0/0" }]
          }
        }
        """;

    /// <param name="space">The container's namespace.</param>
    public Task<TimeSpan> AddAsync(int container, string space) => RunAsync("ADD", container, space);

    public Task<TimeSpan> DeleteAsync(int container, string space) => RunAsync("DEL", container, space);

    private async Task<TimeSpan> RunAsync(string command, int container, string space)
    {
        var start = new ProcessStartInfo(Path.Combine(Plugins, "bridge"));
        start.Environment["CNI_COMMAND"] = command;
        start.Environment["CNI_CONTAINERID"] = $"container-{container}";
        start.Environment["CNI_NETNS"] = space;
        start.Environment["CNI_IFNAME"] = "eth0";
        start.Environment["CNI_PATH"] = Plugins;
        return (await ShortProgram.RunAsync(start, _configuration)).Took;
    }
}
