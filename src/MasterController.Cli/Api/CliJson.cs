using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using MasterController.Contracts;

namespace MasterController.Cli.Api;

/// <summary>
/// The contract's JSON as a client wants it: members that a newer daemon added are skipped, and output is indented
/// with names and text left readable.
/// </summary>
internal static class CliJson
{
    public static ContractsJson Wire { get; } =
        new(
            new JsonSerializerOptions(ContractsJson.Default.Options)
            {
                UnmappedMemberHandling = JsonUnmappedMemberHandling.Skip,
                Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
                WriteIndented = true,
            }
        );

    /// <summary>For one object a line.</summary>
    public static ContractsJson Line { get; } = new(new JsonSerializerOptions(Wire.Options) { WriteIndented = false });
}
