using MasterController.Core.HostNetwork.ForeignRules;
using Xunit;

namespace MasterController.Tests.HostNetwork.ForeignRules;

public sealed class RulesFileTests
{
    private const string Rule = "-A POSTROUTING -s 192.168.100.0/24 -o eth0 -j MASQUERADE";
    private const string Other = "-A POSTROUTING -s 10.9.0.0/16 -j MASQUERADE";
    private const string Text =
        "# a comment\n*filter\n:FORWARD DROP [0:0]\n"
        + Rule
        + "\nCOMMIT\n*nat\n:POSTROUTING ACCEPT [1:2]\n[3:4] "
        + Rule
        + "\n"
        + Other
        + "\nCOMMIT\n# the end\n";

    [Fact]
    public void Only_rules_of_the_section_nat_are_read_and_without_counters()
    {
        Assert.Equal([Rule, Other], RulesFile.NatRules(Text));
        Assert.Empty(RulesFile.NatRules(""));
        Assert.Empty(RulesFile.NatRules(Rule));
        Assert.Empty(RulesFile.NatRules($"*nat\nCOMMIT\n{Rule}\n"));
    }

    [Fact]
    public void A_line_goes_and_every_other_byte_stays()
    {
        Assert.Equal(
            Text.Replace($"[3:4] {Rule}\n", "", StringComparison.Ordinal),
            RulesFile.Without(Text, new HashSet<string> { Rule })
        );
        Assert.Equal(Text, RulesFile.Without(Text, new HashSet<string> { "-A POSTROUTING -j NONE" }));
        Assert.Equal("*nat", RulesFile.Without("*nat", new HashSet<string> { Rule }));
    }

    [Fact]
    public void Where_nothing_else_was_changed_the_old_text_comes_back()
    {
        var without = RulesFile.Without(Text, new HashSet<string> { Rule });

        Assert.Equal(Text, RulesFile.Restored(without, Text, [Rule]));
        Assert.Equal(Text, RulesFile.Restored(Text, Text, [Rule]));
    }

    [Fact]
    public void Where_others_have_changed_the_file_the_line_goes_to_the_end_of_its_section()
    {
        var changed = RulesFile
            .Without(Text, new HashSet<string> { Rule })
            .Replace("# a comment", "# another", StringComparison.Ordinal);

        Assert.Equal(
            changed.Replace($"{Other}\nCOMMIT", $"{Other}\n{Rule}\nCOMMIT", StringComparison.Ordinal),
            RulesFile.Restored(changed, Text, [Rule])
        );
        Assert.Equal(
            RulesFile.Restored(changed, Text, [Rule]),
            RulesFile.Restored(RulesFile.Restored(changed, Text, [Rule]), Text, [Rule])
        );
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("*filter\nCOMMIT\n", "*filter\nCOMMIT\n")]
    [InlineData("*filter\nCOMMIT", "*filter\nCOMMIT\n")]
    public void A_section_that_is_gone_is_made(string text, string before)
    {
        Assert.Equal($"{before}*nat\n{Rule}\nCOMMIT\n", RulesFile.Restored(text, null, [Rule]));
    }

    [Fact]
    public void Of_two_sections_the_first_gets_the_line()
    {
        Assert.Equal(
            $"*nat\n{Rule}\nCOMMIT\n*nat\nCOMMIT\n",
            RulesFile.Restored("*nat\nCOMMIT\n*nat\nCOMMIT\n", null, [Rule])
        );
    }

    [Fact]
    public void A_file_that_is_missing_is_none()
    {
        Assert.Null(RulesFile.Read("/nonexistent/rules.v4"));
        Assert.Empty(RulesFileEdit.Find([new("/nonexistent/rules.v4", Rule, null)]));
    }
}
