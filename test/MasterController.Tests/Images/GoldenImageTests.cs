using MasterController.Core.Events;
using MasterController.Core.Images;
using MasterController.Core.Images.Build;
using MasterController.Core.Operations;
using MasterController.Core.Store;
using MasterController.Linux.Files;
using MasterController.Tests.Store;
using Xunit;

namespace MasterController.Tests.Images;

/// <summary>Whole builds with the real apt, dpkg-deb and mke2fs, from small packages in a directory.</summary>
public sealed class GoldenImageTests : IDisposable
{
    private readonly ScratchDirectory _scratch = new();
    private readonly InMemoryStateStore _store = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private string Images => _scratch["images"];

    private ImageCatalog Catalog => new(Images);

    public void Dispose() => _scratch.Dispose();

    public static TheoryData<string> Steps => [.. ImageBuild.Steps.SkipLast(1)];

    [Fact]
    public async Task A_build_gives_a_whole_image_and_leaves_nothing_else()
    {
        var packages = await PackagesAsync();
        var ended = await BuildAsync(packages);

        Assert.True(ended.Status == OperationStatus.Succeeded, ended.Error);
        Assert.Equal(1, ended.Progress);
        Assert.All(ended.Steps, step => Assert.Equal(StepStatus.Done, step.Status));
        var info = Assert.Single(Catalog.List());
        Assert.Equal(("golden", PackageRepository.Release), (info.Name, info.Kernel));
        Assert.Equal([], await Catalog.VerifyAsync("golden", Cancelled));
        Assert.Equal(TestKernel.Elf(), File.ReadAllBytes(Catalog.Find("golden")!.KernelElf));
        Assert.Equal(2, Directory.GetFileSystemEntries(Images).Length); // the version and the link to it
    }

    [Theory]
    [MemberData(nameof(Steps))]
    public async Task A_build_that_was_killed_after_a_step_goes_on_behind_it(string step)
    {
        var packages = await PackagesAsync();
        using var kill = new CancellationTokenSource();
        KillAfter(step, kill);
        var operation = await InterruptAsync(packages, kill.Token);
        _store.Stored = null;
        if (step != ImageBuild.Steps[0])
            packages.Disappear();
        var before = ImageFilesIn(Path.Combine(Images, ".building-golden", "image"));

        var ended = await ResumeAsync(packages, operation.Id);

        Assert.True(ended.Status == OperationStatus.Succeeded, ended.Error);
        var after = ImageFilesIn(Path.Combine(Images, "golden"));
        Assert.Equal(6, after.Count);
        Assert.All(before, file => Assert.Equal(file.Value, after[file.Key]));
    }

    [Fact]
    public async Task A_result_that_was_harmed_meanwhile_is_made_again()
    {
        var packages = await PackagesAsync();
        using var kill = new CancellationTokenSource();
        KillAfter("initramfs", kill);
        var operation = await InterruptAsync(packages, kill.Token);
        _store.Stored = null;
        await File.WriteAllTextAsync(
            Path.Combine(Images, ".building-golden/image/vmlinux"),
            "half a kernel",
            Cancelled
        );

        await ResumeAsync(packages, operation.Id);

        Assert.Equal(TestKernel.Elf(), File.ReadAllBytes(Catalog.Find("golden")!.KernelElf));
    }

    [Fact]
    public async Task Builds_of_one_name_at_the_same_time_are_one_operation()
    {
        var packages = await PackagesAsync();
        var journal = await JournalAsync();
        await using var builder = Builder(journal, packages);

        var operations = await Task.WhenAll(
            Enumerable.Range(0, 8).Select(_ => builder.StartAsync("golden", Cancelled))
        );

        Assert.Single(operations.Select(o => o.Id).Distinct());
        await journal.WaitAsync(operations[0].Id, Cancelled);
        Assert.Single(journal.List());
    }

    [Fact]
    public async Task A_package_that_is_not_what_the_lists_say_is_not_used()
    {
        var packages = await PackagesAsync();
        packages.Corrupt();

        var ended = await BuildAsync(packages);

        Assert.Equal(OperationStatus.Failed, ended.Status);
        Assert.Matches("Hash Sum mismatch|another SHA-256", ended.Error);
        Assert.Empty(Catalog.List());
    }

    [Fact]
    public async Task Without_package_lists_the_error_says_what_to_run()
    {
        var ended = await BuildAsync(new PackageRepository(_scratch["repository"]));

        Assert.Equal(OperationStatus.Failed, ended.Status);
        Assert.Contains("apt-get update", ended.Error);
    }

    [Fact]
    public async Task Building_again_replaces_the_image_and_leaves_the_old_version_to_those_who_use_it()
    {
        var packages = await PackagesAsync();
        await BuildAsync(packages);
        var old = Catalog.Find("golden")!;
        var oldDisk = FileOnDisk.Of(old.RootDisk);

        await BuildAsync(packages);

        var current = Catalog.Find("golden")!;
        Assert.NotEqual(old.RootDisk, current.RootDisk);
        Assert.Equal(oldDisk, FileOnDisk.Of(old.RootDisk));
        Assert.Empty(Catalog.RemoveReplaced(new HashSet<string> { old.RootDisk }));
        Assert.Equal([Path.GetDirectoryName(old.RootDisk)!], Catalog.RemoveReplaced(new HashSet<string>()));
        Assert.Equal([], await Catalog.VerifyAsync("golden", Cancelled));
    }

    [Fact]
    public async Task Work_folders_of_builds_that_are_over_are_deleted_at_the_next_start()
    {
        Directory.CreateDirectory(Path.Combine(Images, ".building-old"));
        await using var builder = Builder(await JournalAsync(), new PackageRepository(_scratch["repository"]));

        await builder.ResumeAsync(Cancelled);

        Assert.Empty(Directory.GetFileSystemEntries(Images));
    }

    [Theory]
    [InlineData("")]
    [InlineData("../up")]
    [InlineData(".hidden")]
    [InlineData("Golden")]
    public async Task A_name_that_is_no_folder_name_is_refused(string name)
    {
        var journal = await JournalAsync();
        await using var builder = Builder(journal, new PackageRepository(_scratch["repository"]));

        await Assert.ThrowsAsync<ArgumentException>(() => builder.StartAsync(name, Cancelled));
        Assert.Null(Catalog.Find(name));
        Assert.Empty(journal.List());
    }

    private async Task<PackageRepository> PackagesAsync()
    {
        var packages = new PackageRepository(_scratch["repository"]);
        await packages.UpdateAsync(Cancelled);
        return packages;
    }

    private async Task<OperationJournal> JournalAsync()
    {
        var journal = new OperationJournal(_store, new EventHub(TimeProvider.System), TimeProvider.System);
        journal.Load(await _store.LoadAsync(Cancelled));
        return journal;
    }

    private GoldenImage Builder(OperationJournal journal, PackageRepository packages) =>
        new(Images, Catalog, journal, TimeProvider.System)
        {
            Options = new ImageBuildOptions { AptOptions = packages.AptOptions, DiskSizeBytes = 32 << 20 },
        };

    private async Task<Operation> BuildAsync(PackageRepository packages)
    {
        var journal = await JournalAsync();
        await using var builder = Builder(journal, packages);
        var operation = await builder.StartAsync("golden", Cancelled);
        return (await journal.WaitAsync(operation.Id, Cancelled))!;
    }

    /// <summary>A controller that ends when told so, in the middle of the build.</summary>
    private async Task<Operation> InterruptAsync(PackageRepository packages, CancellationToken kill)
    {
        var journal = await JournalAsync();
        await using var builder = Builder(journal, packages);
        var operation = await builder.StartAsync("golden", kill);
        var killed = new TaskCompletionSource();
        await using var registration = kill.Register(killed.SetResult);
        await killed.Task.WaitAsync(TimeSpan.FromMinutes(2), Cancelled);
        return operation;
    }

    private async Task<Operation> ResumeAsync(PackageRepository packages, string id)
    {
        var journal = await JournalAsync();
        await using var builder = Builder(journal, packages);
        await builder.ResumeAsync(Cancelled);
        return (await journal.WaitAsync(id, Cancelled))!;
    }

    private static Dictionary<string, (ulong Inode, DateTime Written)> ImageFilesIn(string folder) =>
        new DirectoryInfo(folder)
            .EnumerateFiles()
            .ToDictionary(f => f.Name, f => (FileOnDisk.Of(f.FullName).Inode, f.LastWriteTimeUtc));

    private void KillAfter(string step, CancellationTokenSource kill) =>
        _store.Stored = changes =>
        {
            var operations = changes.OfType<StoreChange.OperationSaved>().Select(saved => saved.Operation);
            if (operations.Any(o => o.Steps.Any(s => s.Name == step && s.Status == StepStatus.Done)))
                kill.Cancel();
        };
}
