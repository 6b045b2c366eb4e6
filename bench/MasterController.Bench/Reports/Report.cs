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
    IReadOnlyList<Comparison> Comparisons
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

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    WriteIndented = true
)]
[JsonSerializable(typeof(Report))]
internal sealed partial class ReportJson : JsonSerializerContext;
