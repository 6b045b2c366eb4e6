using System.Diagnostics;

namespace MasterController.Bench.Subjects;

/// <summary>
/// CNI's allocator "host-local" from Debian: a process for each address that is taken or given back, which keeps a file
/// for each that is in use (https://www.cni.dev/plugins/current/ipam/host-local/).
/// </summary>
internal sealed class HostLocal
{
    private const string Plugin = "/usr/lib/cni/host-local";
    private const string Network = "bench";
    private const string Interface = "eth0";

    private readonly string _directory;
    private readonly string _configuration;
    private uint _last = (172U << 24) + (16U << 16) + 1;

    /// <param name="directory">For its state.</param>
    public HostLocal(string directory)
    {
        _directory = Path.Combine(directory, Network);
        Directory.CreateDirectory(_directory);
        _configuration = $$"""
            {
              "cniVersion": "0.4.0", "name": "{{Network}}", "type": "bench",
              "ipam": {
                "type": "host-local", "dataDir": "{{directory}}",
                "ranges": [[{ "subnet": "172.16.0.0/16" }]]
              }
            }
            """;
    }

    public int InUse { get; private set; }

    /// <summary>Writes the files that so many ADDs would have left, in no time.</summary>
    public void FillTo(int inUse)
    {
        for (; InUse < inUse; InUse++)
            File.WriteAllText(Path.Combine(_directory, Text(++_last)), $"container-{InUse}\r\n{Interface}");
        File.WriteAllText(Path.Combine(_directory, "last_reserved_ip.0"), Text(_last));
    }

    public Task<TimeSpan> AddAsync(string container) => RunAsync("ADD", container);

    public Task<TimeSpan> DeleteAsync(string container) => RunAsync("DEL", container);

    private async Task<TimeSpan> RunAsync(string command, string container)
    {
        var start = new ProcessStartInfo(Plugin);
        start.Environment["CNI_COMMAND"] = command;
        start.Environment["CNI_CONTAINERID"] = container;
        start.Environment["CNI_NETNS"] = "/proc/self/ns/net";
        start.Environment["CNI_IFNAME"] = Interface;
        start.Environment["CNI_PATH"] = Path.GetDirectoryName(Plugin);
        return (await ShortProgram.RunAsync(start, _configuration)).Took;
    }

    private static string Text(uint address) =>
        $"{address >> 24}.{(byte)(address >> 16)}.{(byte)(address >> 8)}.{(byte)address}";
}
