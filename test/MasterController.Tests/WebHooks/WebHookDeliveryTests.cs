using System.Globalization;
using System.Text;
using MasterController.Core.Store;
using MasterController.Core.WebHooks;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace MasterController.Tests.WebHooks;

public sealed class WebHookDeliveryTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Events_come_in_order_and_signed_and_none_that_was_before_or_not_asked_for()
    {
        await using var receiver = await Receiver.StartAsync();
        await using var run = await HookFixture.StartAsync();
        run.Events.Publish("vm.created", "vm-1", "before");
        var hook = await run.CreateAsync("ci", receiver.Url, "vm", "operation.failed");
        for (var i = 0; i < 300; i++)
        {
            run.Events.Publish("vm.running", "vm-1", $"{i}");
            run.Events.Publish("lease.granted", "10.0.0.2", "");
            run.Events.Publish("operation.step", "op-1", "");
        }
        run.Events.Publish("operation.failed", "op-1", "last");
        await run.UntilAsync(() => receiver.All.Count == 301, "ci");

        var bodies = Enumerable.Range(0, 300).Select(i => $"vm.running {i}").Append("operation.failed last");
        Assert.Equal(bodies, receiver.All.Select(r => r.Body));
        foreach (var received in receiver.All)
        {
            var timestamp = received.Headers["Webhook-Timestamp"];
            var signature = WebHookSecret.Sign(
                hook.Secret,
                received.Id,
                timestamp,
                Encoding.UTF8.GetBytes(received.Body)
            );
            Assert.Equal(signature, received.Headers["Webhook-Signature"]);
            Assert.Equal($"{run.Clock.GetUtcNow().ToUnixTimeSeconds()}", timestamp);
            Assert.Equal("test/1", received.Headers["User-Agent"]);
            Assert.Equal("application/json; charset=utf-8", received.Headers["Content-Type"]);
        }
        var ids = receiver.All.Select(r => long.Parse(r.Id, CultureInfo.InvariantCulture)).ToArray();
        Assert.Equal(ids.Distinct().Order(), ids);
        await run.UntilAsync(() => run.Hooks.Find("ci")!.Hook.Delivered == 301, "ci");
    }

    [Fact]
    public async Task What_fails_is_tried_again_with_the_same_id_before_anything_else_comes()
    {
        await using var receiver = await Receiver.StartAsync();
        await using var run = await HookFixture.StartAsync();
        receiver.Answer = async (context, number) =>
        {
            context.Response.StatusCode = number switch
            {
                1 => 500,
                2 => 302,
                3 => 410,
                4 => 429,
                _ => 200,
            };
            context.Response.Headers.Location = receiver.Url;
            if (number == 4)
                context.Response.Headers.RetryAfter = "5000";
            await context.Response.WriteAsync(new string('x', number == 5 ? 200_000 : 10));
        };
        await run.CreateAsync("ci", receiver.Url);
        run.Events.Publish("vm.running", "vm-1", "a");
        run.Events.Publish("vm.running", "vm-1", "b");
        var began = run.Clock.GetUtcNow();
        await run.UntilAsync(() => run.Hooks.Find("ci")!.State == WebHookState.Retrying, "none");
        Assert.Equal("the receiver answered 500", run.Hooks.Find("ci")!.LastError);
        await run.UntilAsync(() => receiver.All.Any(r => r.Body == "vm.running b"), "ci");

        string[] bodies =
        [
            "vm.running a",
            "vm.running a",
            "vm.running a",
            "vm.running a",
            "vm.running a",
            "vm.running b",
        ];
        // "webhook.created" is about the hook itself and does not come.
        Assert.Equal(bodies, receiver.All.Select(r => r.Body));
        Assert.Single(receiver.All.Take(5).Select(r => r.Id).Distinct());
        Assert.True(run.Clock.GetUtcNow() - began >= TimeSpan.FromSeconds(5_000));
        await run.UntilAsync(() => run.Hooks.Find("ci") is { State: WebHookState.Ok, LastError: null }, "ci");
    }

    [Fact]
    public async Task One_that_does_not_answer_is_given_ten_seconds_and_holds_up_no_other()
    {
        await using var slow = await Receiver.StartAsync();
        await using var quick = await Receiver.StartAsync();
        await using var run = await HookFixture.StartAsync();
        slow.Answer = (context, number) =>
            number == 1 ? Task.Delay(Timeout.Infinite, context.RequestAborted) : Task.CompletedTask;
        await run.CreateAsync("slow", slow.Url, "vm");
        await run.CreateAsync("quick", quick.Url, "vm");
        run.Events.Publish("vm.running", "vm-1", "a");
        run.Events.Publish("vm.running", "vm-1", "b");
        await run.UntilAsync(() => quick.All.Count == 2 && slow.All.Count == 1, "none");

        run.Clock.Advance(TimeSpan.FromSeconds(11));
        await run.UntilAsync(() => run.Hooks.Find("slow")!.LastError is not null, "none");
        Assert.Equal("the receiver did not answer within 10 s", run.Hooks.Find("slow")!.LastError);
        await run.UntilAsync(() => slow.All.Count == 3, "slow");
        Assert.Equal(["vm.running a", "vm.running a", "vm.running b"], slow.All.Select(r => r.Body));
    }

    [Fact]
    public async Task A_hook_goes_on_where_it_was_after_a_restart()
    {
        await using var receiver = await Receiver.StartAsync();
        var before = await HookFixture.StartAsync();
        await before.CreateAsync("ci", receiver.Url, "vm");
        for (var i = 0; i < 5; i++)
            before.Events.Publish("vm.running", "vm-1", $"{i}");
        await before.UntilAsync(() => before.Hooks.Find("ci")!.Hook.Delivered == 5, "ci");
        receiver.Answer = (context, _) =>
        {
            context.Response.StatusCode = 503;
            return Task.CompletedTask;
        };
        // More than is kept in memory, while the receiver is away.
        for (var i = 5; i < 2_000; i++)
            before.Events.Publish(i % 100 == 5 ? "vm.running" : "lease.granted", "vm-1", $"{i}");
        await before.UntilAsync(() => receiver.All.Count > 5, "none");
        await before.DisposeAsync();

        receiver.Answer = (_, _) => Task.CompletedTask;
        await using var after = await HookFixture.StartAsync(before);
        after.Events.Publish("vm.running", "vm-1", "new");
        await after.UntilAsync(() => receiver.All.Any(r => r.Body == "vm.running new"), "ci");
        var delivered = receiver.All.Select(r => r.Body).Distinct();
        string[] expected =
        [
            .. Enumerable.Range(0, 5).Select(i => $"vm.running {i}"),
            .. Enumerable.Range(0, 20).Select(i => $"vm.running {(i * 100) + 5}"),
            "vm.running new",
        ];
        Assert.Equal(expected, delivered);
        Assert.Equal(expected.Length, after.Hooks.Find("ci")!.Hook.Delivered);
    }

    [Fact]
    public async Task After_a_crash_the_last_ones_come_again_and_none_is_missing()
    {
        await using var receiver = await Receiver.StartAsync();
        var before = await HookFixture.StartAsync();
        await before.CreateAsync("ci", receiver.Url, "vm");
        for (var i = 0; i < 10; i++)
            before.Events.Publish("vm.running", "vm-1", $"{i}");
        await before.Events.FlushAsync(Cancelled);
        before.Store.Refuses = changes => changes.Any(c => c is StoreChange.WebHookSaved);
        await before.UntilAsync(() => receiver.All.Count == 10, "ci");
        await before.DisposeAsync();

        before.Store.Refuses = _ => false;
        await using var after = await HookFixture.StartAsync(before);
        after.Events.Publish("vm.running", "vm-1", "10");
        await after.UntilAsync(() => receiver.All.Any(r => r.Body == "vm.running 10"), "ci");
        Assert.Equal(
            Enumerable.Range(0, 11).Select(i => $"vm.running {i}"),
            receiver.All.DistinctBy(r => r.Id).Select(r => r.Body)
        );
    }

    [Fact]
    public async Task What_is_never_taken_is_given_up_after_a_day_and_told_to_the_others()
    {
        await using var receiver = await Receiver.StartAsync();
        await using var other = await Receiver.StartAsync();
        await using var run = await HookFixture.StartAsync();
        receiver.Answer = (context, number) =>
        {
            context.Response.StatusCode = number < 1_000 && run.Hooks.Find("ci")!.Hook.GivenUp == 0 ? 500 : 200;
            return Task.CompletedTask;
        };
        await run.CreateAsync("other", other.Url, "webhook.given-up");
        await run.CreateAsync("ci", receiver.Url);
        var began = run.Clock.GetUtcNow();
        run.Events.Publish("vm.running", "vm-1", "a");
        await run.UntilAsync(() => run.Hooks.Find("ci")!.Hook.GivenUp == 1, "ci");
        Assert.InRange(run.Clock.GetUtcNow() - began, TimeSpan.FromHours(24), TimeSpan.FromHours(25));
        Assert.InRange(receiver.All.Count, 30, 60);
        Assert.Equal(WebHookState.Failing, run.Hooks.Find("ci")!.State);

        await run.UntilAsync(() => other.All.Count == 1, "other");
        Assert.StartsWith("webhook.given-up event ", other.All[0].Body);
        run.Events.Publish("vm.running", "vm-1", "b");
        await run.UntilAsync(() => receiver.All[^1].Body == "vm.running b", "ci");
        await run.UntilAsync(() => run.Hooks.Find("ci")!.State == WebHookState.Ok, "ci");
        Assert.DoesNotContain(receiver.All, r => r.Body.StartsWith("webhook", StringComparison.Ordinal));
    }

    [Fact]
    public async Task One_that_is_deleted_is_sent_nothing_more_and_does_not_come_back()
    {
        await using var receiver = await Receiver.StartAsync();
        receiver.Answer = (context, _) =>
        {
            context.Response.StatusCode = 500;
            return Task.CompletedTask;
        };
        var before = await HookFixture.StartAsync();
        await before.CreateAsync("ci", receiver.Url);
        before.Events.Publish("vm.running", "vm-1", "a");
        await before.UntilAsync(() => receiver.All.Count > 0, "none");
        Assert.IsType<WebHookOutcome.Done>(await before.Hooks.DeleteAsync("ci"));
        Assert.IsType<WebHookOutcome.NotFound>(await before.Hooks.DeleteAsync("ci"));
        var sent = receiver.All.Count;
        before.Clock.Advance(TimeSpan.FromHours(2));
        await before.DisposeAsync();
        Assert.Equal(sent, receiver.All.Count);
        await using var after = await HookFixture.StartAsync(before);
        Assert.Empty(after.Hooks.List());
    }

    [Fact]
    public async Task The_secret_is_in_no_log_event_or_text()
    {
        await using var receiver = await Receiver.StartAsync();
        receiver.Answer = (context, _) =>
        {
            context.Response.StatusCode = 500;
            return Task.CompletedTask;
        };
        await using var run = await HookFixture.StartAsync();
        var hook = await run.CreateAsync("ci", receiver.Url, "vm");
        run.Store.Refuses = changes => changes.Any(c => c is StoreChange.WebHookSaved);
        run.Events.Publish("vm.running", "vm-1", "a");
        await run.UntilAsync(() => run.Hooks.Find("ci")!.Hook.GivenUp == 1, "ci");
        await run.Events.FlushAsync(Cancelled);
        var events = await run.Store.ReadEventsAsync(0, 1_000, Cancelled);
        var told = string.Join(
            "\n",
            events.Select(e => $"{e} {string.Join(", ", e.Data ?? new Dictionary<string, string>())}")
        );
        var received = string.Join("\n", receiver.All.Select(r => $"{r} {string.Join(", ", r.Headers)}"));
        string log;
        lock (run.Log)
            log = run.Log.ToString();
        Assert.Contains("given up", log);
        Assert.Contains("not stored", log);
        var secret = hook.Secret["whsec_".Length..];
        foreach (var text in (string[])[log, told, received, $"{hook}", $"{run.Hooks.Find("ci")}"])
            Assert.DoesNotContain(secret, text);
    }
}
