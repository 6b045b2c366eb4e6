using MasterController.Cli.Errors;
using MasterController.Cli.Terminal;
using Xunit;

namespace MasterController.Tests.Cli;

public sealed class WordingTests
{
    [Theory]
    [InlineData(-5, "0s")]
    [InlineData(42, "42s")]
    [InlineData(119, "119s")]
    [InlineData(420, "7m")]
    [InlineData(11_520, "3h12m")]
    [InlineData(7_200, "2h")]
    [InlineData(90_000, "1d1h")]
    [InlineData(864_000, "10d")]
    public void An_age_has_two_units_at_most(int seconds, string age) =>
        Assert.Equal(age, Readable.Age(TimeSpan.FromSeconds(seconds)));

    [Theory]
    [InlineData(0.0123, "12 ms")]
    [InlineData(0.0996, "0.1 s")]
    [InlineData(0.42, "0.4 s")]
    [InlineData(34, "34 s")]
    [InlineData(185, "3 min 5 s")]
    [InlineData(7_260, "2 h 1 min")]
    public void A_duration_is_said_as_people_say_it(double seconds, string text) =>
        Assert.Equal(text, Readable.Duration(TimeSpan.FromSeconds(seconds)));

    [Theory]
    [InlineData(0, 253, "0 %")]
    [InlineData(1, 65_533, "< 0.1 %")]
    [InlineData(3, 253, "1.2 %")]
    [InlineData(65_532, 65_533, "> 99.9 %")]
    [InlineData(253, 253, "100 %")]
    [InlineData(0, 0, "-")]
    public void A_percentage_is_neither_0_for_something_nor_100_for_less_than_all(long part, long whole, string text) =>
        Assert.Equal(text, Readable.Percent(part, whole));

    [Theory]
    [InlineData(512, "512 B")]
    [InlineData(1024, "1.0 KiB")]
    [InlineData(55_574_528, "53.0 MiB")]
    [InlineData(long.MaxValue, "8192.0 PiB")]
    public void Bytes_have_a_unit(long bytes, string text) => Assert.Equal(text, Readable.Bytes(bytes));

    [Theory]
    [InlineData("list", "list", 0)]
    [InlineData("lsit", "list", 1)]
    [InlineData("lst", "list", 1)]
    [InlineData("listt", "list", 1)]
    [InlineData("", "list", 4)]
    [InlineData("stop", "start", 3)]
    public void Distance_counts_edits_and_a_swap_as_one(string a, string b, int distance) =>
        Assert.Equal(distance, Spelling.Distance(a, b));

    [Theory]
    [InlineData("crate", "create")]
    [InlineData("del", "delete")]
    [InlineData("xyz", "")]
    [InlineData("stat", "start")]
    public void The_nearest_words_are_suggested(string typed, string first) =>
        Assert.Equal(first, Spelling.Nearest(typed, ["create", "delete", "list", "start", "stop"]).FirstOrDefault(""));
}
