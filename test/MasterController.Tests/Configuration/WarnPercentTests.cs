using MasterController.Core.Events;
using MasterController.Daemon.Configuration;
using MasterController.Daemon.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace MasterController.Tests.Configuration;

public class WarnPercentTests
{
    [Theory]
    [InlineData("", new[] { 80, 95 })]
    [InlineData("[pools]\nwarn_percent = [50, 75, 100]", new[] { 50, 75, 100 })]
    [InlineData("[pools]\nwarn_percent = []", new int[0])]
    public void Thresholds_are_read(string text, int[] percent)
    {
        using var file = new ConfigFile(text);

        Assert.Equal(percent, file.Load().Settings!.Utilisation.WarnPercent);
    }

    [Theory]
    [InlineData("[0, 50]", "\"0\" is not a whole number from 1 to 100")]
    [InlineData("[101]", "\"101\" is not a whole number from 1 to 100")]
    [InlineData("[\"many\"]", "\"many\" is not a whole number from 1 to 100")]
    [InlineData("[95, 80]", "80 does not lie above 95")]
    [InlineData("[80, 80]", "80 does not lie above 80")]
    [InlineData("80", "80 is not a list")]
    [InlineData("[80.5]", "[80.5] is not a list")]
    public void What_is_wrong_with_them_is_said(string value, string error)
    {
        using var file = new ConfigFile($"[pools]\nwarn_percent = {value}");

        var wrong = Assert.Single(file.Load().Errors);

        Assert.Equal("pools.warn_percent", wrong.Key);
        Assert.Contains(error, wrong.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void They_are_taken_over_by_a_reload()
    {
        using var file = new ConfigFile("[pools]\nwarn_percent = [50]");
        var loader = file.Loader();
        var config = loader.Load();
        var live = new LiveSettings(loader, config.Values, config.Settings!, new EventHub(TimeProvider.System));
        File.WriteAllText(file.Path, "[pools]\nwarn_percent = [60, 70]");

        live.Reload(NullLogger.Instance);

        Assert.Equal([60, 70], live.Current.Utilisation.WarnPercent);
    }
}
