using System.Net.Sockets;
using System.Runtime.Versioning;
using System.Text.Json;
using MasterController.Contracts;
using Xunit;

namespace MasterController.Tests.Cli;

/// <summary>No daemon, for each reason there can be; and what <c>doctor</c> does then.</summary>
[SupportedOSPlatform("linux")]
public sealed class UnreachableTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("mctl-").FullName;

    private string Socket => Path.Combine(_directory, "s");

    public void Dispose() => Directory.Delete(_directory, true);

    [Fact]
    public async Task A_socket_that_does_not_exist_is_named_with_how_to_start_the_daemon()
    {
        var run = await CliRun.Offline("--socket", Socket, "vm", "list");

        Assert.Equal(5, run.Code);
        Assert.StartsWith($"error: cannot reach the daemon at {Socket}: the socket does not exist\n", run.Err);
        Assert.Contains("hint: start the daemon: systemctl start master-controller", run.Err);
    }

    [Fact]
    public async Task A_socket_on_which_nobody_listens_refuses()
    {
        using (var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            listener.Bind(new UnixDomainSocketEndPoint(Socket));
            File.Move(Socket, Socket + "-kept");
        }

        var run = await CliRun.Offline("--socket", Socket + "-kept", "vm", "list");

        Assert.Equal(5, run.Code);
        Assert.Contains("connection refused", run.Err);
    }

    [Fact]
    public async Task A_path_too_long_for_a_socket_is_said_to_be_so()
    {
        var run = await CliRun.Offline("--socket", "/" + new string('x', 200), "vm", "list");

        Assert.Equal(5, run.Code);
        Assert.Contains("the path is too long for a socket", run.Err);
    }

    [Fact]
    public async Task Doctor_fails_when_neither_daemon_nor_program_is_there()
    {
        var run = await CliRun.Offline("doctor", "-o", "json");

        Assert.Equal(1, run.Code);
        var report = JsonSerializer.Deserialize(run.Out, ContractsJson.Default.DoctorReport)!;
        var check = Assert.Single(report.Checks);
        Assert.Equal(("daemon", "fail", 1), (check.Code, check.Status, report.Failed));
        Assert.Contains("systemctl start master-controller", check.Fix);
    }

    [Fact]
    public async Task Doctor_asks_the_program_beside_it_when_there_is_no_daemon()
    {
        Program(
            """{"checks":[{"code":"tun","status":"pass","message":"/dev/net/tun","fix":null}],"passed":1,"warned":0,"failed":0,"skipped":0}"""
        );

        var run = await CliRun.With(new Surroundings { ProgramDirectory = _directory }, "doctor");

        Assert.Equal(0, run.Code);
        Assert.StartsWith("WARN  cannot reach the daemon", run.OutLines[0]);
        Assert.Equal("PASS  /dev/net/tun  [tun]", run.OutLines[2]);
        Assert.Equal("1 passed, 1 warned, 0 failed, 0 skipped", run.OutLines[^1]);
    }

    [Fact]
    public async Task Doctor_finds_the_program_in_the_path()
    {
        Program("""{"checks":[],"passed":0,"warned":0,"failed":0,"skipped":0}""");
        var surroundings = new Surroundings { Environment = new() { ["PATH"] = $"/nonexistent:{_directory}" } };

        var run = await CliRun.With(surroundings, "doctor");

        Assert.Equal(0, run.Code);
    }

    [Fact]
    public async Task Doctor_does_not_believe_a_program_that_prints_no_report()
    {
        Program("usage: something else");

        var run = await CliRun.With(new Surroundings { ProgramDirectory = _directory }, "doctor");

        Assert.Equal(1, run.Code);
    }

    [Theory]
    [InlineData("pass", 0)]
    [InlineData("warn", 0)]
    [InlineData("skip", 0)]
    [InlineData("fail", 1)]
    public async Task Doctor_ends_with_1_only_when_a_check_fails(string status, int code)
    {
        await using var daemon = await FakeDaemon.StartAsync();
        var report = new DoctorReport([new DoctorCheck("kvm-boot", status, "KVM", "do this")], 0, 0, code, 0);
        daemon.On("GET /api/v1/doctor", ContractsJson.Default.DoctorReport, report);

        var run = await CliRun.Of(daemon, "doctor");

        Assert.Equal(code, run.Code);
        Assert.StartsWith($"{status.ToUpperInvariant()}  KVM  [kvm-boot]\n", run.Out);
        Assert.Equal(status is "warn" or "fail", run.Out.Contains("      fix: do this\n", StringComparison.Ordinal));
    }

    private void Program(string output)
    {
        var path = Path.Combine(_directory, "master-controller");
        File.WriteAllText(path, $"#!/bin/sh\n[ \"$*\" = 'doctor -o json' ] && cat <<'END'\n{output}\nEND\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserExecute);
    }
}
