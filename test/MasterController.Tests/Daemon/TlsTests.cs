using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using MasterController.Daemon.Configuration;
using MasterController.Daemon.Hosting;
using Xunit;

namespace MasterController.Tests.Daemon;

public sealed class TlsTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("mc-tls-");

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private TlsFiles Files =>
        new(Path.Combine(_directory.FullName, "cert.pem"), Path.Combine(_directory.FullName, "key.pem"));

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public async Task The_api_is_served_with_the_certificate_and_asks_for_a_key()
    {
        Write("first");
        await using var api = await ApiUnderTest.StartAsync(certificate: TlsCertificate.Read(Files));
        using var nobody = api.Tcp();
        Assert.Equal("https", nobody.BaseAddress!.Scheme);
        Assert.Equal(HttpStatusCode.Unauthorized, (await nobody.GetAsync("api/v1/vms", Cancelled)).StatusCode);
        using var viewer = api.Tcp(await api.KeyAsync("viewer"));
        Assert.Equal(HttpStatusCode.OK, (await viewer.GetAsync("api/v1/vms", Cancelled)).StatusCode);
        Assert.Equal("CN=first", await SubjectAsync(nobody.BaseAddress));
    }

    [Fact]
    public async Task A_renewed_certificate_is_taken_and_a_broken_one_is_not()
    {
        Write("first");
        var logs = new CapturedLogs();
        await using var api = await ApiUnderTest.StartAsync(logs: logs, certificate: TlsCertificate.Read(Files));
        using var client = api.Tcp();
        Write("second");
        File.SetLastWriteTimeUtc(Files.Certificate, DateTime.UnixEpoch.AddDays(1));
        Assert.Equal("CN=second", await SubjectAsync(client.BaseAddress!));
        await File.WriteAllTextAsync(Files.Certificate, "nothing", Cancelled);
        Assert.Equal("CN=second", await SubjectAsync(client.BaseAddress!));
        Assert.Contains("the certificate before stays", logs.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("PRIVATE KEY", logs.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Older_tls_is_refused()
    {
        Write("first");
        await using var api = await ApiUnderTest.StartAsync(certificate: TlsCertificate.Read(Files));
        using var client = api.Tcp();
#pragma warning disable SYSLIB0039 // That they are old is the point.
        await Assert.ThrowsAnyAsync<Exception>(() => SubjectAsync(client.BaseAddress!, SslProtocols.Tls11));
#pragma warning restore SYSLIB0039
        Assert.Equal("CN=first", await SubjectAsync(client.BaseAddress!, SslProtocols.Tls12));
    }

    [Fact]
    public async Task Pages_of_others_may_not_use_it_and_any_name_of_the_host_is_good()
    {
        Write("first");
        await using var api = await ApiUnderTest.StartAsync(certificate: TlsCertificate.Read(Files));
        using var viewer = api.Tcp(await api.KeyAsync("viewer"));
        viewer.DefaultRequestHeaders.Host = "mc.example:8470";
        Assert.Equal(HttpStatusCode.OK, (await viewer.GetAsync("api/v1/vms", Cancelled)).StatusCode);
        viewer.DefaultRequestHeaders.Add("Origin", "https://mc.example:8470");
        Assert.Equal(HttpStatusCode.OK, (await viewer.GetAsync("api/v1/vms", Cancelled)).StatusCode);
        viewer.DefaultRequestHeaders.Remove("Origin");
        viewer.DefaultRequestHeaders.Add("Origin", "https://evil.example");
        Assert.Equal(HttpStatusCode.Forbidden, (await viewer.GetAsync("api/v1/vms", Cancelled)).StatusCode);
    }

    [Fact]
    public void What_cannot_be_used_is_named()
    {
        var missing = Assert.Throws<StartupException>(() => TlsCertificate.Read(Files));
        Assert.Contains($"tls.certificate \"{Files.Certificate}\"", missing.Message, StringComparison.Ordinal);
        Write("first");
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        File.WriteAllText(Files.Key, other.ExportECPrivateKeyPem());
        var mismatched = Assert.Throws<StartupException>(() => TlsCertificate.Read(Files));
        Assert.Contains($"tls.key \"{Files.Key}\" cannot be used", mismatched.Message, StringComparison.Ordinal);
    }

    private void Write(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        File.WriteAllText(Files.Key, key.ExportECPrivateKeyPem());
        File.WriteAllText(Files.Certificate, certificate.ExportCertificatePem());
    }

    private static async Task<string> SubjectAsync(Uri address, SslProtocols protocols = SslProtocols.None)
    {
        using var tcp = new TcpClient();
        await tcp.ConnectAsync(address.Host, address.Port, Cancelled);
        using var tls = new SslStream(tcp.GetStream(), leaveInnerStreamOpen: false, (_, _, _, _) => true);
        await tls.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions { TargetHost = "localhost", EnabledSslProtocols = protocols },
            Cancelled
        );
        return tls.RemoteCertificate!.Subject;
    }
}
