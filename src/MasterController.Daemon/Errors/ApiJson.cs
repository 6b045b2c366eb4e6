using System.Text.Encodings.Web;
using System.Text.Json;
using MasterController.Contracts;

namespace MasterController.Daemon.Errors;

/// <summary>The contract's JSON as it is sent: quotation marks in messages stay readable in a terminal.</summary>
internal static class ApiJson
{
    /// <summary>Safe here: it is sent as JSON and never put into HTML.</summary>
    public static JavaScriptEncoder Encoder => JavaScriptEncoder.UnsafeRelaxedJsonEscaping;

    public static ContractsJson Default { get; } =
        new(new JsonSerializerOptions(ContractsJson.Default.Options) { Encoder = Encoder });
}
