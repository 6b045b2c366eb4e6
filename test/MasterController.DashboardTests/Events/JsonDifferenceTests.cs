using System.Text.Json;
using MasterController.Contracts;
using MasterController.Dashboard.Components.Events;
using Xunit;

namespace MasterController.DashboardTests.Events;

public class JsonDifferenceTests
{
    [Theory]
    [InlineData("""{"a":1}""", """{"a":1}""", "")]
    [InlineData("""{"a":1,"b":2}""", """{"b":2,"a":1}""", "")]
    [InlineData("""{"a":1}""", """{"a":2}""", "a: 1 -> 2")]
    [InlineData("""{"a":{"b":"x"}}""", """{"a":{"b":"y","c":true}}""", "a.b: x -> y; a.c: - -> true")]
    [InlineData("""{"a":1}""", """{}""", "a: 1 -> -")]
    [InlineData("""{"a":null}""", """{}""", "")]
    [InlineData("""{"a":null}""", """{"a":"x"}""", "a: - -> x")]
    [InlineData("""{"a":["x","y"]}""", """{"a":["y","z"]}""", "a[]: x -> -; a[]: - -> z")]
    [InlineData("""{"a":["x","y"]}""", """{"a":["y","x"]}""", "a: x, y -> y, x")]
    [InlineData("""{"r":[{"c":"/24"}]}""", """{"r":[{"c":"/16"},{"c":"/8"}]}""", "r[0].c: /24 -> /16; r[1].c: - -> /8")]
    [InlineData("""{"a":1}""", """{"a":{"b":2}}""", "a: 1 -> -; a.b: - -> 2")]
    [InlineData("""[]""", """{"a":[]}""", "(): [] -> -; a: - -> []")]
    public void Names_the_leaves_that_differ(string before, string after, string expected) =>
        Assert.Equal(expected, Text(JsonDifference.Of(Json(before), Json(after))));

    [Fact]
    public void What_was_not_there_before_is_all_new()
    {
        Assert.Equal("name: - -> web; n: - -> 1", Text(JsonDifference.Of(null, Json("""{"name":"web","n":1}"""))));
        Assert.Equal("name: web -> -", Text(JsonDifference.Of(Json("""{"name":"web"}"""), null)));
        Assert.Empty(JsonDifference.Of(null, null));
        Assert.Empty(JsonDifference.Of(null, Json("null")));
    }

    [Fact]
    public void A_tail_has_the_newest_on_top_and_is_bounded()
    {
        var tail = new EventTail("vm", null);
        tail.AddOlder([Happened(3, "vm.running"), Happened(2, "vm.created")]);
        Assert.True(tail.Add(Happened(4, "vm.stopped")));
        Assert.False(tail.Add(Happened(4, "vm.stopped")));
        Assert.False(tail.Add(Happened(5, "vmx.other")));
        tail.AddOlder([Happened(2, "vm.created"), Happened(1, "vm.created")]);
        Assert.Equal([4, 3, 2, 1], tail.Events.Select(e => e.Id));

        for (var id = 10; id < 10 + 2 * EventTail.Most; id++)
            tail.Add(Happened(id, "vm.running"));
        Assert.Equal(EventTail.Most, tail.Events.Count);
        Assert.Equal(9 + 2 * EventTail.Most, tail.Events.First().Id);
        tail.AddOlder([Happened(1, "vm.created")]);
        Assert.Equal(EventTail.Most, tail.Events.Count);
    }

    [Fact]
    public void A_tail_of_one_subject_has_no_other()
    {
        var tail = new EventTail(null, "vm-1");
        Assert.True(tail.Add(Happened(1, "vm.running")));
        Assert.False(tail.Add(Happened(2, "vm.running", "vm-2")));
    }

    private static Event Happened(long id, string type, string subject = "vm-1") =>
        new(id, default, type, subject, "", null);

    private static JsonElement Json(string text) => JsonDocument.Parse(text).RootElement;

    private static string Text(IReadOnlyList<JsonChange> changes) =>
        string.Join(
            "; ",
            changes.Select(c => $"{(c.Path.Length == 0 ? "()" : c.Path)}: {c.Before ?? "-"} -> {c.After ?? "-"}")
        );
}
