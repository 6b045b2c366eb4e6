using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using MasterController.Bench.Reports;
using MasterController.Contracts;

namespace MasterController.Bench.Subjects;

/// <summary>Clients of one controller, each with a connection of its own and one request at a time.</summary>
internal sealed class HttpLoad(HttpClient http, string pool)
{
    private readonly OwnerKeys _keys = new(seed: 5);

    /// <summary>Latencies of one kind of request, in milliseconds, and how many there were a second.</summary>
    public sealed record Answers(double P50, double P99, double PerSecond);

    /// <summary>Each client leases an address and gives it back, for as long.</summary>
    public async Task<(Answers Lease, Answers Release)> LeaseAndReleaseAsync(int clients, TimeSpan time)
    {
        var began = Stopwatch.GetTimestamp();
        var times = await Task.WhenAll(
            Enumerable
                .Range(0, clients)
                .Select(async _ =>
                {
                    (List<double> Leases, List<double> Releases) taken = ([], []);
                    while (Stopwatch.GetElapsedTime(began) < time)
                    {
                        var owner = NextOwner();
                        var start = Stopwatch.GetTimestamp();
                        var address = await LeaseAsync(owner);
                        taken.Leases.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
                        start = Stopwatch.GetTimestamp();
                        await ReleaseAsync(address, owner);
                        taken.Releases.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
                    }
                    return taken;
                })
        );
        var took = Stopwatch.GetElapsedTime(began);
        return (Of(times.SelectMany(t => t.Leases), took), Of(times.SelectMany(t => t.Releases), took));
    }

    /// <summary>Each client asks for what costs the controller nothing but HTTP.</summary>
    public async Task<Answers> AskHealthAsync(int clients, TimeSpan time)
    {
        var began = Stopwatch.GetTimestamp();
        var times = await Task.WhenAll(
            Enumerable
                .Range(0, clients)
                .Select(async _ =>
                {
                    List<double> taken = [];
                    while (Stopwatch.GetElapsedTime(began) < time)
                    {
                        var start = Stopwatch.GetTimestamp();
                        using var answer = await http.GetAsync("/healthz");
                        answer.EnsureSuccessStatusCode();
                        taken.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
                    }
                    return taken;
                })
        );
        return Of(times.SelectMany(t => t), Stopwatch.GetElapsedTime(began));
    }

    /// <summary>Leases so many addresses, which stay leased.</summary>
    public Task FillAsync(int leases) =>
        Parallel.ForAsync(
            0,
            leases,
            new ParallelOptions { MaxDegreeOfParallelism = 64 },
            async (_, _) => await LeaseAsync(NextOwner())
        );

    /// <summary>Keys of VMs are not for callers, so theirs are a little longer.</summary>
    public string NextOwner()
    {
        lock (_keys)
            return $"bench-{_keys.Next()}";
    }

    public async Task<string> LeaseAsync(string owner)
    {
        using var answer = await http.PostAsJsonAsync(
            $"/api/v1/pools/{pool}/leases",
            new CreateLeaseRequest(owner),
            ContractsJson.Default.CreateLeaseRequest
        );
        if (answer.StatusCode != HttpStatusCode.Created)
            throw new InvalidOperationException(await answer.Content.ReadAsStringAsync());
        return (await answer.Content.ReadFromJsonAsync(ContractsJson.Default.Lease))!.Address;
    }

    public async Task ReleaseAsync(string address, string owner)
    {
        using var answer = await http.DeleteAsync($"/api/v1/pools/{pool}/leases/{address}?owner={owner}");
        if (answer.StatusCode != HttpStatusCode.NoContent)
            throw new InvalidOperationException(await answer.Content.ReadAsStringAsync());
    }

    private static Answers Of(IEnumerable<double> milliseconds, TimeSpan took)
    {
        double[] sorted = [.. milliseconds.Order()];
        return new Answers(Figure.Rank(sorted, 0.5), Figure.Rank(sorted, 0.99), sorted.Length / took.TotalSeconds);
    }
}
