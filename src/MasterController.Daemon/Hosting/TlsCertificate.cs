using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using MasterController.Daemon.Configuration;

namespace MasterController.Daemon.Hosting;

/// <summary>
/// The certificate of the API over TCP. Each handshake looks whether its files have changed, so that one that was renewed
/// is in force without a restart; where the new one cannot be used, the old one stays.
/// </summary>
internal sealed partial class TlsCertificate
{
    private readonly TlsFiles _files;
    private readonly Lock _lock = new();
    private Loaded _loaded;

    private TlsCertificate(TlsFiles files, Loaded loaded) => (_files, _loaded) = (files, loaded);

    /// <exception cref="StartupException">It cannot be read, or key and certificate do not belong together.</exception>
    public static TlsCertificate Read(TlsFiles files)
    {
        try
        {
            return new TlsCertificate(files, Load(files));
        }
        catch (Exception wrong) when (IsUnusable(wrong))
        {
            throw new StartupException(
                $"tls.certificate \"{files.Certificate}\" with tls.key \"{files.Key}\" cannot be used: {wrong.Message}"
            );
        }
    }

    /// <summary>For one handshake: TLS 1.2 or later.</summary>
    public SslServerAuthenticationOptions OptionsFor(ILogger logger) =>
        new()
        {
            ServerCertificateContext = Current(logger),
            EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
            ApplicationProtocols = [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11],
        };

    private SslStreamCertificateContext Current(ILogger logger)
    {
        lock (_lock)
        {
            try
            {
                if (TimesOf(_files) != _loaded.Times)
                {
                    _loaded = Load(_files);
                    LogTaken(logger, _files.Certificate);
                }
            }
            catch (Exception wrong) when (IsUnusable(wrong))
            {
                LogRefused(logger, wrong, _files.Certificate);
            }
            return _loaded.Context;
        }
    }

    private static Loaded Load(TlsFiles files)
    {
        var times = TimesOf(files);
        var chain = new X509Certificate2Collection();
        chain.ImportFromPemFile(files.Certificate);
        var own = X509Certificate2.CreateFromPemFile(files.Certificate, files.Key);
        // The first is its own; nothing is fetched from elsewhere.
        return new Loaded(SslStreamCertificateContext.Create(own, [.. chain.Skip(1)], offline: true), times);
    }

    private static (DateTime, DateTime) TimesOf(TlsFiles files) =>
        (File.GetLastWriteTimeUtc(files.Certificate), File.GetLastWriteTimeUtc(files.Key));

    private static bool IsUnusable(Exception wrong) =>
        wrong is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException;

    [LoggerMessage(LogLevel.Information, "{File} was read again")]
    private static partial void LogTaken(ILogger logger, string file);

    [LoggerMessage(LogLevel.Error, "{File} has changed and cannot be used; the certificate before stays")]
    private static partial void LogRefused(ILogger logger, Exception failure, string file);

    private sealed record Loaded(SslStreamCertificateContext Context, (DateTime Certificate, DateTime Key) Times);
}
