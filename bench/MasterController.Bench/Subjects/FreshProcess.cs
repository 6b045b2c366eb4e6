using System.Diagnostics;
using System.Globalization;
using MasterController.Core.Store;
using Microsoft.Data.Sqlite;

namespace MasterController.Bench.Subjects;

/// <summary>What is measured in a process that has done nothing else before: this program, started once more.</summary>
internal static class FreshProcess
{
    private const string Rows = "SELECT pool, address, owner, since, released FROM leases ORDER BY pool, address";

    public const string Open = "opened";
    public const string BareRows = "rows read, straight on SQLite";
    public const string AdoRows = "rows read, Microsoft.Data.Sqlite";

    public static IReadOnlyList<string> Tasks { get; } = [Open, BareRows, AdoRows];

    /// <summary>Milliseconds as that process found them, without its own start.</summary>
    public static async Task<double> RunAsync(string task, string file)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!, [task, file]) { RedirectStandardOutput = true };
        using var process = Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0
            ? double.Parse(output, CultureInfo.InvariantCulture)
            : throw new InvalidOperationException($"\"{task}\" ended with {process.ExitCode}");
    }

    /// <summary>In the fresh process: does it and prints what it took.</summary>
    public static async Task MeasureAsync(string task, string file)
    {
        var began = Stopwatch.GetTimestamp();
        var took = task switch
        {
            Open => await OpenAsync(file, began),
            BareRows => ReadBare(file, began),
            _ => ReadAdo(file, began),
        };
        Console.WriteLine(took.TotalMilliseconds.ToString(CultureInfo.InvariantCulture));
    }

    private static async Task<TimeSpan> OpenAsync(string file, long began)
    {
        await using var store = SqliteStateStore.Open(file);
        using var pools = await StoredPools.LoadAsync(store);
        return Stopwatch.GetElapsedTime(began);
    }

    private static TimeSpan ReadBare(string file, long began)
    {
        using var connection = BareSqlite.Connect(file);
        using var row = new SqliteStatement(connection, Rows);
        var (count, characters, sum) = (0, 0, 0L);
        while (row.Read())
        {
            count++;
            characters += row.Text(2).Length;
            sum += row.Int64(0) + row.Int64(1) + row.Int64(3) + (row.IsNull(4) ? 0 : row.Int64(4));
        }
        return Taken(began, count, characters, sum);
    }

    private static TimeSpan ReadAdo(string file, long began)
    {
        using var connection = BareSqlite.Connect(file);
        using var command = connection.CreateCommand();
        command.CommandText = Rows;
        using var row = command.ExecuteReader();
        var (count, characters, sum) = (0, 0, 0L);
        while (row.Read())
        {
            count++;
            characters += row.GetString(2).Length;
            sum += row.GetInt64(0) + row.GetInt64(1) + row.GetInt64(3) + (row.IsDBNull(4) ? 0 : row.GetInt64(4));
        }
        return Taken(began, count, characters, sum);
    }

    /// <summary>Takes what was read, so that it is.</summary>
    private static TimeSpan Taken(long began, int count, int characters, long sum)
    {
        var took = Stopwatch.GetElapsedTime(began);
        return count > 0 && characters > 0 && sum != 0 ? took : throw new InvalidOperationException("no rows");
    }
}
