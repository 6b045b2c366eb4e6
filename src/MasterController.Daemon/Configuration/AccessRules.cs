using System.Net;

namespace MasterController.Daemon.Configuration;

/// <summary>What holds between the keys of who may call.</summary>
internal static class AccessRules
{
    public static IEnumerable<ConfigError> Check(ConfigValues values)
    {
        var (certificate, key) = (values.Get(ConfigKeys.TlsCertificate), values.Get(ConfigKeys.TlsKey));
        if (certificate is not null && key is null)
            yield return Wrong(values, ConfigKeys.TlsCertificate, $"is \"{certificate}\", and tls.key is empty");
        if (key is not null && certificate is null)
            yield return Wrong(values, ConfigKeys.TlsKey, $"is \"{key}\", and tls.certificate is empty");
        if (
            certificate is null
            && key is null
            && values.Get(ConfigKeys.Listen) is { } endPoint
            && !IPAddress.IsLoopback(endPoint.Address)
        )
        {
            yield return Wrong(
                values,
                ConfigKeys.Listen,
                $"\"{endPoint}\" is not a loopback address: keys would go over the network for all to read. Set tls.certificate and tls.key, or listen on loopback"
            );
        }
    }

    private static ConfigError Wrong(ConfigValues values, ConfigKey key, string message) =>
        new(values.SourceOf(key), key.Name, message);
}
