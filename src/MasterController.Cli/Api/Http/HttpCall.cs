namespace MasterController.Cli.Api.Http;

/// <param name="Target">Path and query, escaped.</param>
/// <param name="Body">JSON, sent with its length; none when null.</param>
/// <param name="Timeout">How long the head of the answer may take.</param>
internal sealed record HttpCall(
    string Method,
    string Target,
    IReadOnlyList<(string Name, string Value)> Headers,
    ReadOnlyMemory<byte>? Body,
    TimeSpan Timeout
);
