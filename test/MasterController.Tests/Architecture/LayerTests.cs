using System.Reflection;
using MasterController.Contracts;
using MasterController.Core.Vms;
using MasterController.Linux.Addresses;
using Xunit;

namespace MasterController.Tests.Architecture;

/// <summary>Which project knows nothing of which, as ARCHITECTURE.md has it.</summary>
public class LayerTests
{
    private static readonly Assembly Contracts = typeof(Vm).Assembly;
    private static readonly Assembly Linux = typeof(Ipv4Address).Assembly;
    private static readonly Assembly Core = typeof(VmLifecycle).Assembly;
    private static readonly Assembly Cli = Assembly.Load("mctl");
    private static readonly Assembly Daemon = Assembly.Load("master-controller");

    [Fact]
    public void Contracts_know_nothing_of_the_other_projects() => Assert.Empty(OursIn(Contracts));

    [Fact]
    public void Linux_knows_nothing_of_the_other_projects() => Assert.Empty(OursIn(Linux));

    [Fact]
    public void Core_knows_the_kernel_and_neither_http_nor_contracts()
    {
        Assert.Equal(["MasterController.Linux"], OursIn(Core));
        Assert.DoesNotContain(Core.GetReferencedAssemblies(), a => a.Name!.StartsWith("Microsoft.AspNetCore"));
    }

    [Fact]
    public void The_command_line_knows_only_contracts() => Assert.Equal(["MasterController.Contracts"], OursIn(Cli));

    [Fact]
    public void Only_the_kernel_project_has_unsafe_code() =>
        Assert.All(
            [Contracts, Core, Cli, Daemon],
            assembly => Assert.False(HasUnsafeCode(assembly), assembly.FullName)
        );

    [Fact]
    public void Namespaces_are_folders()
    {
        var root = Root();
        foreach (var project in Directory.GetDirectories(Path.Combine(root, "src")))
        {
            foreach (var file in Directory.EnumerateFiles(project, "*.cs", SearchOption.AllDirectories))
            {
                var folder = Path.GetRelativePath(Path.GetDirectoryName(project)!, Path.GetDirectoryName(file)!);
                if (folder.Contains("/obj") || folder.Contains("/bin"))
                    continue;
                var line = File.ReadLines(file).FirstOrDefault(l => l.StartsWith("namespace "));
                if (line is not null && !folder.EndsWith("/Libc"))
                    Assert.Equal($"namespace {folder.Replace('/', '.')};", line);
            }
        }
    }

    private static string[] OursIn(Assembly assembly) =>
        [
            .. assembly
                .GetReferencedAssemblies()
                .Select(a => a.Name!)
                .Where(name => name.StartsWith("MasterController.") || name is "mctl" or "master-controller"),
        ];

    /// <summary>The compiler marks a module that was built with unsafe blocks allowed.</summary>
    private static bool HasUnsafeCode(Assembly assembly) =>
        assembly.ManifestModule.GetCustomAttribute<System.Security.UnverifiableCodeAttribute>() is not null;

    private static string Root()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (directory is not null && !File.Exists(Path.Combine(directory.FullName, "MasterController.slnx")))
            directory = directory.Parent;
        return directory!.FullName;
    }
}
