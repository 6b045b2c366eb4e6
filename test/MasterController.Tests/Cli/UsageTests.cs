using Xunit;

namespace MasterController.Tests.Cli;

public sealed class UsageTests
{
    [Theory]
    [InlineData("vm lst", "unknown command 'lst' for 'mctl vm'", "did you mean list?")]
    [InlineData("vm list --staus x", "unknown option '--staus' for 'mctl vm list'", "did you mean --status?")]
    [InlineData("vm show --qiet", "unknown option '--qiet' for 'mctl vm show'", "did you mean --quiet?")]
    [InlineData("opration list", "unknown command 'opration' for 'mctl'", "did you mean operation?")]
    [InlineData("vm", "'mctl vm' needs a command: create, list, show", "see: mctl vm --help")]
    [InlineData("vm show", "VM missing", "see: mctl vm show --help")]
    [InlineData("pool create lab", "CIDR missing", "see: mctl pool create --help")]
    [InlineData("vm list extra", "too much: 'extra'", "see: mctl vm list --help")]
    [InlineData("vm list -o yaml", "--output: 'yaml' is none of table, json", "see: mctl vm list --help")]
    [InlineData("vm list --owner", "--owner needs a value", "see: mctl vm list --help")]
    [InlineData("vm create --vcpus 33", "--vcpus: '33' is not a whole number of 1 to 32", "see: ")]
    [InlineData("vm create --memory 3x", "--memory: '3x' is no size", "see: ")]
    [InlineData("vm create --label app", "--label: 'app' is not KEY=VALUE", "see: ")]
    [InlineData("vm create --label a=1 --label a=2", "--label: 'a' is there twice", "see: ")]
    [InlineData("vm list --limit 0", "--limit: '0' is not a whole number of 1 or more", "see: ")]
    [InlineData("vm create a -n 2 --address 192.168.100.9", "--address is for one VM", null)]
    [InlineData("vm create a --wait 5 --no-wait", "--wait and --no-wait exclude each other", null)]
    [InlineData("vm delete", "which VMs?", null)]
    [InlineData("vm delete a --all", "--all and names exclude each other", null)]
    [InlineData("pool create a 10.0.0.0/24 10.1.0.0/24 --first 10.0.0.9", "are for a pool of one CIDR", null)]
    [InlineData("pool expand a", "CIDR missing", "see: mctl pool expand --help")]
    [InlineData("pool expand a 10.0.0.0/8", "there is no terminal to ask on", "say --yes to apply it, or --plan")]
    [InlineData("pool expand a b --yes --confirm-within 5", "--confirm-within: '5' is no duration; write 90s", "see: ")]
    [InlineData("pool expand a b --yes --confirm-within m", "--confirm-within: 'm' is no duration", "see: ")]
    [InlineData("pool expand a b --yes --confirm-within -5m", "--confirm-within: '-5m' is no duration", "see: ")]
    [InlineData("pool expand a b --yes --confirm-within 1h5m", "--confirm-within: '1h5m' is no duration", "see: ")]
    [InlineData("pool expand a b --confirm-within 9s", "--confirm-within: '9s' is not within 10s and 24h", "see: ")]
    [InlineData("pool expand a b --confirm-within 25h", "'25h' is not within 10s and 24h", "see: ")]
    [InlineData("pool expand a b --confirm-within 2147483647h", "is not within 10s and 24h", "see: ")]
    [InlineData("pool expand a b --confirm-within", "--confirm-within needs a value", "see: ")]
    [InlineData("pool expand a b --yes --wait 5 --no-wait", "--wait and --no-wait exclude each other", null)]
    [InlineData("pool rollback a x", "VERSION: 'x' is not a whole number of 1 or more", "see: mctl pool history")]
    [InlineData("pool rollback 0 --yes", "VERSION: '0' is not a whole number of 1 or more", "see: mctl pool history")]
    [InlineData("pool drain a b --wait x", "--wait: 'x' is not a whole number of 1 to 86400", "see: ")]
    [InlineData("pool create a b --strategy best", "'best' is none of lowest-free, next, random, least-", "see: ")]
    [InlineData("lease delete 10.0.0.9", "--owner", "see: mctl lease delete --help")]
    [InlineData("completion tcsh", "Argument 'tcsh' not recognized. Must be one of: 'bash' 'zsh' 'fish'", "see: ")]
    public async Task Wrong_usage_is_named_and_ends_with_2(string line, string error, string? hint)
    {
        var run = await CliRun.Offline(line.Split(' '));

        Assert.Equal(2, run.Code);
        Assert.Empty(run.Out);
        Assert.StartsWith("error: ", run.Err);
        Assert.Contains(error, run.Err);
        Assert.Contains(hint is null ? "" : $"hint: {hint}", run.Err);
    }

    [Fact]
    public async Task A_word_that_resembles_nothing_gets_no_suggestion()
    {
        var run = await CliRun.Offline("frobnicate");

        Assert.Equal("error: unknown command 'frobnicate' for 'mctl'\nhint: see: mctl --help\n", run.Err);
    }

    [Fact]
    public async Task Everything_behind_two_dashes_is_a_name()
    {
        var run = await CliRun.Offline("vm", "show", "--", "--odd");

        Assert.Equal(5, run.Code);
    }

    [Fact]
    public async Task A_word_with_an_at_sign_is_no_response_file()
    {
        var run = await CliRun.Offline("vm", "show", "@/etc/hostname");

        Assert.Equal(5, run.Code);
    }

    [Fact]
    public async Task The_version_is_one_line()
    {
        var run = await CliRun.Offline("--version");

        Assert.Equal(0, run.Code);
        Assert.Matches(@"^mctl \d+\.\d+\.\d+\S*\n$", run.Out);
    }

    [Fact]
    public async Task Without_arguments_there_is_help_with_the_exit_codes()
    {
        var run = await CliRun.Offline();

        Assert.Equal(0, run.Code);
        Assert.Contains("operation", run.Out);
        Assert.Contains("Exit codes:", run.Out);
        Assert.DoesNotContain("__complete", run.Out);
    }

    [Fact]
    public async Task Help_as_a_word_and_as_an_option_are_the_same()
    {
        var word = await CliRun.Offline("help", "vm", "create");
        var option = await CliRun.Offline("vm", "create", "--help");

        Assert.Equal(option.Out, word.Out);
    }

    [Fact]
    public async Task The_help_of_every_command_has_a_purpose_and_examples()
    {
        foreach (var command in CommandWords.All())
        {
            var run = await CliRun.Offline([.. command.Path.Split(' '), "--help"]);

            Assert.Equal(0, run.Code);
            Assert.Contains(command.Purpose, run.Out);
            if (command.Commands.Count == 0)
            {
                Assert.Contains($"Examples:\n  ", run.Out);
                Assert.Contains("mctl", run.Out[run.Out.IndexOf("Examples:", StringComparison.Ordinal)..]);
            }
        }
    }
}
