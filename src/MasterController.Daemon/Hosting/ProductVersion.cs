using System.Reflection;

namespace MasterController.Daemon.Hosting;

/// <summary>The version as it was built.</summary>
internal static class ProductVersion
{
    public static string Text { get; } =
        typeof(ProductVersion)
            .Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!
            .InformationalVersion.Split('+')[0];
}
