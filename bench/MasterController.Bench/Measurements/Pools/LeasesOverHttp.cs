using MasterController.Bench.Reports;
using MasterController.Bench.Subjects;

namespace MasterController.Bench.Measurements.Pools;

/// <summary>
/// Leases through the HTTP API over the Unix socket, in turns with an endpoint that does nothing. The clients are on the
/// same machine, and their work is in both.
/// </summary>
internal static class LeasesOverHttp
{
    private const string Pool = "bench";
    private const int Rounds = 5;

    private static readonly TimeSpan _time = TimeSpan.FromSeconds(1.5);

    public static async Task RunAsync(Workplace workplace, Findings findings)
    {
        await using var controller = await Controller.StartAsync(workplace, workplace.NewDirectory("http"));
        await new ControllerClient(controller.Http).CreatePoolAsync(Pool, "10.0.0.0/8");
        var load = new HttpLoad(controller.Http, Pool);
        foreach (var clients in (int[])[1, 16, 64])
        {
            List<HttpLoad.Answers>[] answers =
            [
                [],
                [],
                [],
            ];
            for (var round = -1; round < Rounds; round++)
            {
                var health = await load.AskHealthAsync(clients, _time);
                var (lease, release) = await load.LeaseAndReleaseAsync(clients, _time);
                if (round < 0)
                    continue;
                answers[0].Add(health);
                answers[1].Add(lease);
                answers[2].Add(release);
            }
            Tell(findings, clients == 1 ? "1 client" : $"{clients} clients", answers);
        }
    }

    private static void Tell(Findings findings, string name, List<HttpLoad.Answers>[] answers)
    {
        string[] requests = ["GET /healthz", "POST lease", "DELETE lease"];
        var p50 = requests.Zip(answers, (r, a) => Add($"{name}: {r}, p50", "ms", a.Select(x => x.P50))).ToArray();
        var p99 = requests.Zip(answers, (r, a) => Add($"{name}: {r}, p99", "ms", a.Select(x => x.P99))).ToArray();
        var health = Add($"{name}: {requests[0]}, throughput", "/s", answers[0].Select(a => a.PerSecond));
        // Of every pair both requests count: the sum is what the controller answered.
        var both = answers[1].Zip(answers[2], (lease, release) => lease.PerSecond + release.PerSecond);
        var leases = Add($"{name}: POST and DELETE, throughput", "/s", both);
        for (var i = 1; i < requests.Length; i++)
        {
            findings.Compare(p50[i], p50[0]);
            findings.Compare(p99[i], p99[0]);
        }
        findings.Compare(leases, health);

        Figure Add(string figure, string unit, IEnumerable<double> values) =>
            findings.Add(Figure.Of(figure, unit, values));
    }
}
