using System.Text.Json;
using MasterController.Daemon.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace MasterController.Tests.Daemon;

public sealed class LogFormatTests
{
    private static readonly FakeTimeProvider Clock = new(new DateTimeOffset(2026, 1, 2, 3, 4, 5, 678, TimeSpan.Zero));

    [Theory]
    [InlineData("MasterController.Core.Vms.VmLifecycle", "vms")]
    [InlineData("MasterController.Daemon.Hosting.RequestLog", "hosting")]
    [InlineData("Microsoft.Hosting.Lifetime", "Lifetime")]
    [InlineData("Plain", "Plain")]
    public void The_area_is_short(string category, string area) => Assert.Equal(area, LineFormatter.Area(category));

    [Fact]
    public void A_line_for_people_has_time_severity_area_and_message_and_no_number() =>
        Assert.Equal(
            "03:04:05.678 INFO   vms         vm-1 (web, 192.168.100.2) is running\n",
            Format(new LineFormatter(Clock), "vm-1 (web, 192.168.100.2) is running", failure: null)
        );

    [Fact]
    public void An_exception_takes_the_lines_below() =>
        Assert.Equal(
            "03:04:05.678 WARN   vms         vm-1 could not be booted\nSystem.IO.IOException: no room\n",
            Format(new LineFormatter(Clock), "vm-1 could not be booted", new IOException("no room"), LogLevel.Warning)
        );

    [Fact]
    public void Escape_sequences_of_a_guest_do_not_reach_the_terminal() =>
        Assert.EndsWith(
            "panic\n\uFFFD[2Jgone\n",
            Format(new LineFormatter(Clock), "panic\r\n\e[2Jgone", failure: null),
            StringComparison.Ordinal
        );

    [Fact]
    public void A_line_for_programs_is_one_object_with_every_value_under_its_name()
    {
        var line = Format(new JsonLineFormatter(Clock), "two\nlines", new IOException("no room"));
        Assert.Equal(line.Length - 1, line.IndexOf('\n', StringComparison.Ordinal));
        using var json = JsonDocument.Parse(line);
        var root = json.RootElement;
        Assert.Equal(
            ["time", "level", "category", "message", "data", "exception"],
            root.EnumerateObject().Select(member => member.Name)
        );
        Assert.Equal(Clock.GetUtcNow(), root.GetProperty("time").GetDateTimeOffset());
        Assert.Equal("information", root.GetProperty("level").GetString());
        Assert.Equal("two\nlines", root.GetProperty("message").GetString());
        Assert.Equal(
            """{"VmId":"vm-1","Pid":4711,"Took":1.5,"Forced":true,"Reason":null}""",
            root.GetProperty("data").GetRawText()
        );
    }

    private static string Format(
        ConsoleFormatter formatter,
        string message,
        Exception? failure,
        LogLevel level = LogLevel.Information
    )
    {
        KeyValuePair<string, object?>[] state =
        [
            new("VmId", "vm-1"),
            new("Pid", 4711),
            new("Took", 1.5),
            new("Forced", true),
            new("Reason", null),
            new("{OriginalFormat}", "{VmId} …"),
        ];
        using var output = new StringWriter();
        formatter.Write(
            new LogEntry<IReadOnlyList<KeyValuePair<string, object?>>>(
                level,
                "MasterController.Core.Vms.VmLifecycle",
                new EventId(922221709),
                state,
                failure,
                (_, _) => message
            ),
            scopeProvider: null,
            output
        );
        return output.ToString();
    }
}
