using MasterController.Daemon.Telemetry;

namespace MasterController.Daemon.Configuration;

public static partial class ConfigKeys
{
    public static readonly ConfigKey<Uri?> OtlpEndpoint = new(
        "telemetry.otlp_endpoint",
        null,
        "an http or https URL (\"http://127.0.0.1:4318\"), or \"\" for none",
        "Where spans of requests, operations and their steps are sent by OTLP; over HTTP with `/v1/traces` behind it. Without it none are made.",
        ConfigReaders.Url,
        u => u?.ToString() ?? ""
    );

    public static readonly ConfigKey<string> OtlpProtocol = new(
        "telemetry.otlp_protocol",
        TelemetrySettings.Http,
        "\"http/protobuf\" or \"grpc\"",
        "What is spoken there.",
        w => ConfigReaders.OneOf(w, TelemetrySettings.Http, TelemetrySettings.Grpc),
        Shown
    );
}
