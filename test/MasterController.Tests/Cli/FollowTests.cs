using System.Text;
using System.Text.Json;
using MasterController.Cli.Commands.Vms;
using MasterController.Contracts;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace MasterController.Tests.Cli;

/// <summary>Streams, and how they go on after the daemon went away.</summary>
public sealed class FollowTests
{
    private static readonly ContractsJson Json = ContractsJson.Default;

    [Fact]
    public async Task The_console_is_copied_byte_for_byte()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        daemon.On("GET /api/v1/vms/a/console", context => context.Response.WriteAsync("one\r\n\e[1mtwo"));

        var run = await CliRun.Of(daemon, "vm", "console", "a", "--tail", "2");

        Assert.Equal((0, "one\r\n\e[1mtwo"), (run.Code, run.Out));
        Assert.Equal("?tail=2", Assert.Single(daemon.AskedFor).Query);
    }

    [Fact]
    public async Task A_followed_console_ends_with_its_vm()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        daemon.On("GET /api/v1/vms/a/console", context => context.Response.WriteAsync("bye\n"));
        daemon.On("GET /api/v1/vms/a", Json.Vm, Samples.Vm("a", "stopped"));

        var run = await CliRun.Of(daemon, "vm", "console", "a", "-f");

        Assert.Equal((0, "bye\n"), (run.Code, run.Out));
        Assert.Equal("?follow=true", daemon.AskedFor[0].Query);
    }

    [Fact]
    public async Task A_followed_console_ends_when_its_vm_is_deleted()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        daemon.On("GET /api/v1/vms/a/console", context => context.Response.WriteAsync("bye\n"));

        var run = await CliRun.Of(daemon, "vm", "console", "a", "-f");

        Assert.Equal((0, "bye\n", ""), (run.Code, run.Out, run.Err));
    }

    [Fact]
    public async Task A_console_whose_stream_ends_while_its_vm_runs_is_followed_again()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        daemon.On("GET /api/v1/vms/a/console", context => context.Response.WriteAsync("still here\n"));
        daemon.On("GET /api/v1/vms/a", Json.Vm, Samples.Vm("a"), Samples.Vm("a", "stopped"));

        var run = await CliRun.Of(daemon, "vm", "console", "a", "-f");

        Assert.Equal((0, "still here\n"), (run.Code, run.Out));
        Assert.Equal(4, daemon.AskedFor.Count);
    }

    [Fact]
    public async Task Events_go_on_after_the_last_one_seen_when_the_daemon_was_started_anew()
    {
        var path = Path.Combine(Path.GetTempPath(), $"mctl-{Guid.NewGuid():N}.sock");
        var time = new CountedPauses();
        var surroundings = new Surroundings { Socket = path, Time = time };
        Task<CliRun> run;
        await using (var before = await FakeDaemon.StartAsync(path))
        {
            before.On(
                "GET /api/v1/events",
                async context =>
                {
                    await context.Response.WriteAsync(Sse(20, "vm.created"));
                    await context.Response.Body.FlushAsync();
                    await surroundings.PrintedAsync("web-1");
                    context.Abort();
                }
            );
            run = CliRun.With(surroundings, "events");
            await surroundings.PrintedAsync("web-1");
        }

        // Between two pauses from now on lies an attempt that found nobody.
        await time.MoreAsync(2);
        await using var after = await FakeDaemon.StartAsync(
            path,
            daemon =>
                daemon.On(
                    "GET /api/v1/events",
                    async context =>
                    {
                        await context.Response.WriteAsync(Sse(100_021, "vm.adopted"));
                        await context.Response.Body.FlushAsync();
                        await surroundings.PrintedAsync("vm.adopted");
                        surroundings.Interrupt.Trigger();
                    }
                )
        );

        Assert.Equal(130, (await run).Code);
        Assert.Equal("20", after.AskedFor[0].Headers["Last-Event-ID"]);
    }

    [Fact]
    public async Task A_followed_console_goes_on_where_the_connection_was_lost()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        var surroundings = new Surroundings { Socket = daemon.Socket };
        var times = 0;
        daemon.On(
            "GET /api/v1/vms/a/console",
            async context =>
            {
                if (Interlocked.Increment(ref times) == 1)
                {
                    await context.Response.WriteAsync("one\ntwo\n");
                    await context.Response.Body.FlushAsync();
                    await surroundings.PrintedAsync("two");
                    context.Abort();
                    return;
                }

                await context.Response.WriteAsync("zero\none\ntwo\nthree\n");
            }
        );
        daemon.On("GET /api/v1/vms/a", Json.Vm, Samples.Vm("a", "failed"));

        var run = await CliRun.With(surroundings, "vm", "console", "a", "-f");

        Assert.EndsWith("three\n", run.Out);
        Assert.Equal(1, run.Out.Split("two").Length - 1);
        Assert.Equal(
            ["?follow=true", "?tail=1000&follow=true"],
            daemon.AskedFor.Where(a => a.Query != "").Select(a => a.Query)
        );
    }

    [Fact]
    public void What_was_printed_before_is_found_in_pieces()
    {
        using var output = new MemoryStream();
        var console = new ConsoleOutput(output);
        console.Connected();
        console.Write("alpha\nbeta\n"u8);
        console.Connected();

        console.Write("al"u8);
        console.Write("pha\nbe"u8);
        console.Write("ta\ngamma\n"u8);

        Assert.Equal("alpha\nbeta\ngamma\n", Encoding.UTF8.GetString(output.ToArray()));
    }

    [Fact]
    public void What_is_not_found_again_is_printed_whole()
    {
        using var output = new MemoryStream();
        var console = new ConsoleOutput(output);
        console.Connected();
        console.Write("before\n"u8);
        console.Connected();

        console.Write("a new boot\n"u8);

        Assert.Equal("before\na new boot\n", Encoding.UTF8.GetString(output.ToArray()));
    }

    [Fact]
    public async Task A_console_of_no_vm_is_not_found()
    {
        await using var daemon = await FakeDaemon.StartAsync();

        var run = await CliRun.Of(daemon, "vm", "console", "a", "-f");

        Assert.Equal(3, run.Code);
    }

    [Fact]
    public async Task Events_go_on_after_the_last_one_that_was_seen()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        var surroundings = new Surroundings { Socket = daemon.Socket };
        var times = 0;
        daemon.On(
            "GET /api/v1/events",
            async context =>
            {
                context.Response.ContentType = "text/event-stream";
                var time = Interlocked.Increment(ref times);
                await context.Response.WriteAsync($": hello\n\n{Sse(time * 10, "vm.created")}");
                await context.Response.Body.FlushAsync();
                if (time == 1)
                {
                    await surroundings.PrintedAsync("web-1");
                    context.Abort();
                    return;
                }

                if (time == 3)
                {
                    surroundings.Interrupt.Trigger();
                    await Task.Delay(Timeout.Infinite, context.RequestAborted);
                }
            }
        );

        var run = await CliRun.With(surroundings, "events", "--type", "vm.", "-o", "json");

        Assert.Equal(130, run.Code);
        Assert.Equal([10L, 20L], run.OutLines.Take(2).Select(line => JsonSerializer.Deserialize(line, Json.Event)!.Id));
        Assert.Equal(["?type=vm.", "?type=vm.", "?type=vm."], daemon.AskedFor.Select(asked => asked.Query));
        Assert.Equal(
            [null, "10", "20"],
            daemon.AskedFor.Select(asked => asked.Headers.GetValueOrDefault("Last-Event-ID"))
        );
    }

    [Fact]
    public async Task An_event_is_a_line()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        var surroundings = new Surroundings { Socket = daemon.Socket };
        daemon.On(
            "GET /api/v1/events",
            async context =>
            {
                if (context.Request.Headers["Last-Event-ID"] == "7")
                {
                    surroundings.Interrupt.Trigger();
                }

                await context.Response.WriteAsync(Sse(7, "vm.created"));
            }
        );

        var run = await CliRun.With(surroundings, "events", "--after", "6");

        Assert.StartsWith("2026-01-02 03:04:05Z  vm.created        web-1  made\n", run.Out);
    }

    [Fact]
    public async Task A_reader_that_has_gone_ends_it_in_silence()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        daemon.On("GET /api/v1/vms/a/console", context => context.Response.WriteAsync("text"));
        var surroundings = new Surroundings { Socket = daemon.Socket, Output = new BrokenPipe() };

        var run = await CliRun.With(surroundings, "vm", "console", "a");

        Assert.Equal((141, ""), (run.Code, run.Err));
    }

    private static string Sse(long id, string type)
    {
        var data = JsonSerializer.Serialize(new Event(id, Samples.Start, type, "web-1", "made", null), Json.Event);
        return $"event: {type}\nid: {id}\ndata: {data}\n\n";
    }

    /// <summary>Real time that knows how often somebody has paused.</summary>
    private sealed class CountedPauses : TimeProvider
    {
        private int _pauses;

        public async Task MoreAsync(int pauses)
        {
            var enough = Volatile.Read(ref _pauses) + pauses;
            while (Volatile.Read(ref _pauses) < enough)
            {
                await Task.Delay(5);
            }
        }

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            if (dueTime > TimeSpan.Zero)
            {
                Interlocked.Increment(ref _pauses);
            }

            return base.CreateTimer(callback, state, dueTime, period);
        }
    }

    /// <summary>A pipe whose reader has closed it.</summary>
    private sealed class BrokenPipe : MemoryStream
    {
        private const int Epipe = 32;

        public override void Write(byte[] buffer, int offset, int count) => throw new IOException("Broken pipe", Epipe);
    }
}
