using System.Globalization;
using MasterController.Linux.Namespaces;

namespace MasterController.Bench.Subjects.Networks;

/// <summary>The other end of <see cref="NetworkProcess"/>.</summary>
internal static class NetworkTask
{
    /// <summary>The controller's code, with nothing attached yet.</summary>
    public const string Controlled = "network-controlled";

    /// <summary>The controller's code, started on a host and a state file that another has filled.</summary>
    public const string Restarted = "network-restarted";

    /// <summary>The bare loop.</summary>
    public const string Bare = "network-bare";

    /// <summary>Reads the state file and does nothing with it.</summary>
    public const string Reader = "network-reader";

    /// <summary>So many creates at the same time: two batches, one of which is on its way to the disk.</summary>
    private const int Callers = 512;

    public static IReadOnlyList<string> Names { get; } = [Controlled, Restarted, Bare, Reader];

    public static async Task ServeAsync(string task, string spacePath, string file)
    {
        using var space = NetworkNamespace.Open(spacePath);
        switch (task)
        {
            case Bare:
                // Of one thread, which never leaves the namespace again.
                space.Run(() => ServeBare());
                break;
            case Reader:
                while (Console.ReadLine() is "read")
                    Answer([await StoredVms.TimeReadingAsync(file)]);
                break;
            case Restarted:
                await using (var restarted = await ControlledNetwork.RestartAsync(space, file))
                    await ServeAsync(restarted);
                break;
            default:
                await using (var controlled = await ControlledNetwork.StartAsync(space, file))
                    await ServeAsync(controlled);
                break;
        }
    }

    private static async Task ServeAsync(ControlledNetwork network)
    {
        while (Console.ReadLine()?.Split(' ') is { } words)
            Answer(
                words switch
                {
                    ["attach", var count] => await network.AttachToAsync(Number(count), Callers),
                    ["pairs", var runs] => await PairsAsync(network, Number(runs)),
                    ["started"] => network.Started,
                    ["compare"] => [await network.CompareAsync()],
                    ["detach"] => [await network.DetachAllAsync()],
                    _ => throw new ArgumentException(words[0]),
                }
            );
    }

    private static async Task<IReadOnlyList<TimeSpan>> PairsAsync(ControlledNetwork network, int runs)
    {
        var times = new List<TimeSpan>(2 * runs);
        for (var i = 0; i < runs; i++)
        {
            var (attach, detach) = await network.OneMoreAsync();
            times.AddRange([attach, detach]);
        }
        return times;
    }

    private static void ServeBare()
    {
        using var network = new BareNetwork();
        while (Console.ReadLine()?.Split(' ') is { } words)
            Answer(
                words switch
                {
                    ["gateway"] => network.MakeGateway(),
                    ["attach", var count] => network.AttachTo(Number(count)),
                    ["pairs", var first, var runs] => network.Pairs(Number(first), Number(runs)),
                    ["dump"] => [network.Dump()],
                    _ => throw new ArgumentException(words[0]),
                }
            );
    }

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    private static void Answer(IEnumerable<TimeSpan> times) =>
        Console.WriteLine(
            string.Join(' ', times.Select(t => t.TotalMilliseconds.ToString(CultureInfo.InvariantCulture)))
        );
}
