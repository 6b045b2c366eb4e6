using System.Text.Json;
using System.Text.Json.Serialization;

namespace MasterController.Bench.Reports;

/// <summary>What one measurement found, and on which machine.</summary>
/// <param name="Name">That of the measurement, and of its file.</param>
internal sealed record Report(
    string Name,
    DateTimeOffset Time,
    Machine Before,
    Machine After,
    IReadOnlyList<Figure> Figures,
    IReadOnlyList<Ratio> Ratios
)
{
    /// <summary>Writes NAME.json and returns its path.</summary>
    public string Save(string directory)
    {
        Directory.CreateDirectory(directory);
        var path = Path.Combine(directory, $"{Name}.json");
        File.WriteAllText(path, JsonSerializer.Serialize(this, ReportJson.Default.Report) + "\n");
        return path;
    }
}

/// <summary>Two figures of the same run beside each other.</summary>
/// <param name="Value">Of the medians, the first over the second.</param>
internal sealed record Ratio(string Name, double Value)
{
    public static Ratio Of(Figure figure, Figure peer) =>
        new($"{figure.Name} / {peer.Name}", figure.Median / peer.Median);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(Report))]
internal sealed partial class ReportJson : JsonSerializerContext;
