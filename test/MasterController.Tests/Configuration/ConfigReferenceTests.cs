using MasterController.Daemon.Configuration;
using Xunit;

namespace MasterController.Tests.Configuration;

public class ConfigReferenceTests
{
    [Fact]
    public void The_reference_page_has_every_key_as_it_is()
    {
        var page = File.ReadAllText(Path.Combine(Root(), "docs", "configuration.md"));
        Assert.Contains(ConfigReference.Markdown(), page, StringComparison.Ordinal);
    }

    [Fact]
    public void The_example_that_is_shipped_is_valid()
    {
        var loader = new ConfigLoader(
            Path.Combine(Root(), "packaging", "master-controller.toml"),
            new Dictionary<string, string>(),
            new Dictionary<string, string>()
        );
        Assert.Empty(loader.Load().Errors);
    }

    [Fact]
    public void Keys_and_variables_are_unique()
    {
        var keys = ConfigKeys.All.Concat(ConfigKeys.ForType("cli").All).ToArray();
        Assert.Equal(keys.Length, keys.Select(k => k.Name).Distinct().Count());
        Assert.Equal(keys.Length, keys.Select(k => k.EnvironmentName).Distinct().Count());
    }

    /// <summary>The folder of the solution, which the build's path map hides from the compiler.</summary>
    private static string Root()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (directory is not null && !File.Exists(Path.Combine(directory.FullName, "MasterController.slnx")))
            directory = directory.Parent;
        return directory?.FullName ?? throw new DirectoryNotFoundException("the solution is not above the tests");
    }
}
