using System.Net;
using System.Text;
using MasterController.Core.External;
using MasterController.Linux.Addresses;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace MasterController.Tests.External;

public sealed class OutsideProbeTests
{
    [Theory]
    [InlineData(200, """{"reachable": true, "detail": "12 ms"}""", true, "12 ms")]
    [InlineData(200, """{"reachable": false}""", false, "not reached from outside")]
    [InlineData(200, "{}", null, "probe.example did not say whether it is reachable")]
    [InlineData(503, "", null, "probe.example answered 503")]
    public async Task Says_what_the_service_answers(int status, string body, bool? reachable, string detail)
    {
        Uri? asked = null;
        var probe = Probe(request =>
        {
            asked = request.RequestUri;
            return Task.FromResult(
                new HttpResponseMessage((HttpStatusCode)status) { Content = new StringContent(body, Encoding.UTF8) }
            );
        });
        var answer = await probe.AskAsync(
            new Uri("https://probe.example/check?key=1"),
            IpAddress.Parse("2001:db8::1"),
            22,
            TestContext.Current.CancellationToken
        );
        Assert.Equal((reachable, detail), answer);
        Assert.Equal(
            "https://probe.example/check?key=1&address=2001%3Adb8%3A%3A1&port=22&protocol=tcp",
            asked!.AbsoluteUri
        );
    }

    [Fact]
    public async Task What_is_no_JSON_and_a_service_that_is_down_are_told_as_not_known()
    {
        var (reachable, detail) = await Probe(_ =>
                Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent("<html>") })
            )
            .AskAsync(new Uri("http://p.example/"), IpAddress.Parse("203.0.113.33"), 80, CancellationToken.None);
        Assert.Null(reachable);
        Assert.StartsWith("p.example could not be asked", detail, StringComparison.Ordinal);
        (reachable, detail) = await Probe(_ => throw new HttpRequestException("refused"))
            .AskAsync(new Uri("http://p.example/"), IpAddress.Parse("203.0.113.33"), 80, CancellationToken.None);
        Assert.Equal((null, "p.example could not be asked: refused"), (reachable, detail));
    }

    [Fact]
    public async Task A_service_that_does_not_answer_is_given_up()
    {
        var clock = new FakeTimeProvider();
        var asking = new OutsideProbe(new HttpClient(new Never()), clock).AskAsync(
            new Uri("http://p.example/"),
            IpAddress.Parse("203.0.113.33"),
            80,
            TestContext.Current.CancellationToken
        );
        clock.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal((null, "p.example did not answer within 5 s"), await asking);
    }

    private static OutsideProbe Probe(Func<HttpRequestMessage, Task<HttpResponseMessage>> answer) =>
        new(new HttpClient(new Answering(answer)), TimeProvider.System);

    private sealed class Answering(Func<HttpRequestMessage, Task<HttpResponseMessage>> answer) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(
            HttpRequestMessage request,
            CancellationToken cancellationToken
        ) => answer(request);
    }

    private sealed class Never : HttpMessageHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(
            HttpRequestMessage request,
            CancellationToken cancellationToken
        )
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
            throw new InvalidOperationException("it never ends");
        }
    }
}
