namespace MasterController.Daemon.Configuration;

/// <summary>Who may call, over what, how often, and how long it is remembered.</summary>
public static partial class ConfigKeys
{
    public static readonly ConfigKey<string?> TlsCertificate = new(
        "tls.certificate",
        null,
        "the absolute path of a PEM file, or \"\" for no TLS",
        "The certificate of `listen`, followed by those between it and its root. Read again when the file changes.",
        ConfigReaders.OptionalPath,
        Shown
    );

    public static readonly ConfigKey<string?> TlsKey = new(
        "tls.key",
        null,
        "the absolute path of a PEM file, or \"\" for no TLS",
        "The private key of `tls.certificate`, not encrypted. It should be readable by root alone.",
        ConfigReaders.OptionalPath,
        Shown
    );

    public static readonly ConfigKey<int> RequestsPerSecond = new(
        "api.requests_per_second",
        50,
        "0 to 100000; 0 is no limit",
        "How many requests each API key may send a second. Root and `socket_group` on the Unix socket are not limited.",
        w => ConfigReaders.Integer(w, 0, 100_000),
        Shown,
        Reload.Live
    );

    public static readonly ConfigKey<int> RequestBurst = new(
        "api.burst",
        100,
        "1 to 1000000",
        "How many requests of an API key may come at once, before `api.requests_per_second` holds.",
        w => ConfigReaders.Integer(w, 1, 1_000_000),
        Shown,
        Reload.Live
    );

    public static readonly ConfigKey<int> AuditKeep = new(
        "audit.keep_days",
        365,
        "1 to 3650",
        "For how many days it is remembered who asked for which change.",
        w => ConfigReaders.Integer(w, 1, 3650),
        Shown,
        Reload.Live
    );
}
