using System.Net;
using System.Text;
using CsCheck;
using MasterController.Core.WebHooks;
using Xunit;

namespace MasterController.Tests.WebHooks;

public sealed class WebHookRulesTests
{
    private readonly WebHookTargets _targets = new(() => new IPEndPoint(IPAddress.Loopback, 8470));

    [Theory]
    [InlineData("https://example.com/x?y=z")]
    [InlineData("http://127.0.0.1:9000/")]
    [InlineData("http://10.1.2.3")]
    [InlineData("http://[fd00::1]:80/")]
    [InlineData("http://192.168.0.1:8470/")]
    public void Receivers_may_be_on_the_internet_and_in_private_networks(string url) =>
        Assert.Null(_targets.ReasonAgainst(url));

    [Theory]
    [InlineData("", "not an absolute")]
    [InlineData("/x", "not an absolute")]
    [InlineData("ftp://example.com", "not an absolute")]
    [InlineData("file:///etc/passwd", "not an absolute")]
    [InlineData("https://user:pass@example.com", "user name")]
    [InlineData("https://example.com/#x", "fragment")]
    [InlineData("http://169.254.169.254/latest", "link-local")]
    [InlineData("http://2852039166/latest", "link-local")]
    [InlineData("http://0xa9fea9fe/", "link-local")]
    [InlineData("http://[::ffff:169.254.169.254]/", "link-local")]
    [InlineData("http://[fe80::1]/", "link-local")]
    [InlineData("http://0.0.0.0/", "not the address")]
    [InlineData("http://[::]/", "not the address")]
    [InlineData("http://224.0.0.1/", "one receiver")]
    [InlineData("http://[ff02::1]/", "one receiver")]
    [InlineData("http://127.0.0.1:8470/api/v1/vms", "own API")]
    [InlineData("http://[::1]:8470/", "own API")]
    public void Others_are_refused_with_the_reason(string url, string reason) =>
        Assert.Contains(reason, _targets.ReasonAgainst(url));

    [Fact]
    public async Task What_a_name_resolves_to_is_checked_at_the_connection()
    {
        var failure = await Assert.ThrowsAsync<HttpRequestException>(async () =>
            await _targets.ConnectAsync(new DnsEndPoint("localhost", 8470), TestContext.Current.CancellationToken)
        );
        Assert.Contains("own API", failure.Message);
    }

    [Fact]
    public void Any_text_as_a_URL_is_taken_or_refused() =>
        Gen.OneOf(
                Gen.String,
                Gen.Select(
                    Gen.OneOf("http://", "https://", "HTTP://", "http:/", "ws://", ""),
                    Gen.String[Gen.Char["a0.:[]@#/?%-\u00e9\u200b "], 0, 30],
                    (scheme, rest) => scheme + rest
                )
            )
            .Sample(text => _ = _targets.ReasonAgainst(text), iter: 20_000);

    [Fact]
    public void Signatures_are_those_of_the_specification() =>
        Assert.Equal(
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
            WebHookSecret.Sign(
                "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
                "msg_p5jXN8AQM9LWM0D4loKWxJek",
                "1614265330",
                Encoding.UTF8.GetBytes("{\"test\": 2432232314}")
            )
        );

    [Theory]
    [InlineData("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", true)]
    [InlineData("0123456789abcdef", true)]
    [InlineData("0123456789abcde", false)]
    [InlineData("0123456789 abcdef", false)]
    [InlineData("0123456789abcdéf", false)]
    [InlineData("whsec_not*base64*at*all", false)]
    public void A_secret_of_ones_own_is_checked_and_not_shown(string secret, bool isTaken)
    {
        var reason = WebHookSecret.ReasonAgainst(secret);
        Assert.Equal(isTaken, reason is null);
        Assert.DoesNotContain(secret, reason ?? "");
    }

    [Fact]
    public void New_secrets_are_256_random_bits()
    {
        var (a, b) = (WebHookSecret.New(), WebHookSecret.New());
        Assert.NotEqual(a, b);
        Assert.Equal(32, Convert.FromBase64String(a["whsec_".Length..]).Length);
        Assert.Null(WebHookSecret.ReasonAgainst(a));
    }

    [Fact]
    public void Waits_double_to_an_hour_and_end_after_a_day()
    {
        var since = TimeSpan.Zero;
        List<double> waits = [];
        while (WebHookRetry.Next(waits.Count + 1, since, jitter: 0.5, retryAfter: null) is { } wait)
        {
            waits.Add(wait.TotalSeconds);
            since += wait;
        }
        Assert.Equal([1.0, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 3600, 3600], waits.Take(14));
        Assert.Equal(WebHookRetry.GiveUpAfter, since);
        Assert.InRange(waits.Count, 30, 45);
        var second = TimeSpan.FromSeconds(1);
        Assert.Equal(0.75, WebHookRetry.Next(1, second, 0, null)!.Value.TotalSeconds);
        Assert.Equal(1.25, WebHookRetry.Next(1, second, 1, null)!.Value.TotalSeconds);
        Assert.Equal(90, WebHookRetry.Next(1, second, 1, TimeSpan.FromSeconds(90))!.Value.TotalSeconds);
        Assert.Equal(0.75, WebHookRetry.Next(1, second, 0, TimeSpan.FromDays(-1))!.Value.TotalSeconds);
    }
}
