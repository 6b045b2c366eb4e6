using System.Diagnostics;
using MasterController.Core.Events;
using MasterController.Core.Images;
using MasterController.Core.Images.Build;
using MasterController.Core.Operations;
using MasterController.LinuxTests.EndToEnd;
using MasterController.LinuxTests.Images;
using MasterController.Tests.Store;
using Xunit;

[assembly: AssemblyFixture(typeof(BuiltImage))]

namespace MasterController.LinuxTests.Images;

/// <summary>
/// One real image for all tests, with the demo's files so that guests can be asked to try things; kept between runs
/// under $MASTER_CONTROLLER_TEST_IMAGE or out/test-image. A change in the builder or in the guest's files builds it anew.
/// </summary>
public sealed class BuiltImage : IAsyncLifetime
{
    private const string Name = "golden";

    private readonly SemaphoreSlim _once = new(1, 1);
    private ImageFiles? _files;

    /// <summary>The first caller waits for the build.</summary>
    public async Task<ImageFiles> GetAsync(CancellationToken cancellationToken)
    {
        await _once.WaitAsync(cancellationToken);
        try
        {
            return _files ??= await FindOrBuildAsync(cancellationToken);
        }
        finally
        {
            _once.Release();
        }
    }

    /// <summary>Gives a controller under test its own folder of images, by hard links.</summary>
    public async Task InstallAsync(string images, CancellationToken cancellationToken)
    {
        await GetAsync(cancellationToken);
        using var copy = Process.Start("cp", ["--archive", "--link", CacheDirectory, images]);
        await copy.WaitForExitAsync(cancellationToken);
        Assert.Equal(0, copy.ExitCode);
    }

    internal static ImageCatalog Catalog => new(CacheDirectory);

    private static string CacheDirectory { get; } = Path.Combine(CacheRoot(), Key());

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync()
    {
        _once.Dispose();
        return ValueTask.CompletedTask;
    }

    private static async Task<ImageFiles> FindOrBuildAsync(CancellationToken cancellationToken)
    {
        // Another run of the tests may be at it.
        Directory.CreateDirectory(CacheDirectory);
        await using var turn = await TakeTurnAsync(cancellationToken);
        if (Catalog.Find(Name) is { } cached)
            return cached;
        foreach (var old in Directory.GetDirectories(CacheRoot()).Where(d => d != CacheDirectory))
            Directory.Delete(old, recursive: true);
        var clock = TimeProvider.System;
        var journal = new OperationJournal(new InMemoryStateStore(), new EventHub(clock), clock);
        await using var builder = new GoldenImage(CacheDirectory, Catalog, journal, clock)
        {
            Options = new ImageBuildOptions(ExtraFolder),
        };
        var operation = await builder.StartAsync(Name, cancellationToken);
        var ended = await journal.WaitAsync(operation.Id, cancellationToken);
        Assert.True(ended?.Status == OperationStatus.Succeeded, ended?.Error);
        return Catalog.Find(Name) ?? throw new InvalidOperationException("the image was built and is not there");
    }

    private static async Task<FileStream> TakeTurnAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                return new FileStream(
                    CacheRoot() + ".lock",
                    FileMode.OpenOrCreate,
                    FileAccess.ReadWrite,
                    FileShare.None
                );
            }
            catch (IOException)
            {
                await Task.Delay(200, cancellationToken);
            }
        }
    }

    private static string CacheRoot() =>
        Environment.GetEnvironmentVariable("MASTER_CONTROLLER_TEST_IMAGE") is { Length: > 0 } configured
            ? configured
            : Path.Combine(Repository.Root, "out", "test-image");

    private static string ExtraFolder => Path.Combine(Repository.Root, "demo", "guest");

    /// <summary>The compiler names an assembly after its contents, the embedded guest files included.</summary>
    private static string Key() =>
        $"{typeof(GuestFiles).Module.ModuleVersionId:n}-{new ExtraFiles(ExtraFolder).Fingerprint[..8]}";
}
