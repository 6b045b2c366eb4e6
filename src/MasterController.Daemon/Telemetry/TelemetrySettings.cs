namespace MasterController.Daemon.Telemetry;

/// <param name="OtlpEndpoint">Where traces are sent; null: nowhere, and none are made.</param>
/// <param name="OtlpProtocol"><see cref="Http"/> or <see cref="Grpc"/>.</param>
public sealed record TelemetrySettings(Uri? OtlpEndpoint, string OtlpProtocol)
{
    public const string Http = "http/protobuf";
    public const string Grpc = "grpc";

    public static TelemetrySettings None { get; } = new(null, Http);
}
