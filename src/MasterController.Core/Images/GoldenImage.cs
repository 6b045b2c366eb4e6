using System.Collections.Concurrent;
using MasterController.Core.Images.Build;
using MasterController.Core.Operations;

namespace MasterController.Core.Images;

/// <summary>
/// Builds the golden image from Debian packages as a resumable operation of kind <see cref="OperationKind"/>, whose
/// subject is the image's name.
/// </summary>
/// <param name="directory">The "images" directory itself, as for <see cref="ImageCatalog"/>.</param>
public sealed class GoldenImage(string directory, ImageCatalog catalog, OperationJournal journal, TimeProvider clock)
    : IAsyncDisposable
{
    public const string OperationKind = "image.build";

    private readonly SemaphoreSlim _starting = new(1, 1);
    private readonly ConcurrentDictionary<string, Task> _builds = new();
    private readonly CancellationTokenSource _disposing = new();

    public ImageBuildOptions Options { get; init; } = new();

    /// <summary>
    /// Starts the build and returns at once with the operation; a build of that name that runs already is returned
    /// instead of a second one. What a failed build has finished is used again.
    /// </summary>
    /// <param name="stopping">Ends the work in order when the controller stops; the next start resumes it.</param>
    /// <exception cref="ArgumentException">The name is not one (<see cref="ImageCatalog.IsValidName"/>).</exception>
    /// <exception cref="Store.StoreException">Not stored, and not begun.</exception>
    public async Task<Operation> StartAsync(string name, CancellationToken stopping)
    {
        if (!ImageCatalog.IsValidName(name))
            throw new ArgumentException($"\"{name}\" is not a name for an image", nameof(name));
        await _starting.WaitAsync(stopping);
        try
        {
            if (journal.FindRunning(OperationKind, name) is { } running)
                return running;
            var run = journal.Begin(OperationKind, name, ImageBuild.Steps);
            try
            {
                await journal.SaveAsync(run.Id);
            }
            catch
            {
                journal.Abandon(run);
                throw;
            }
            var begun = run.Current;
            _builds[run.Id] = BuildAsync(run, name, stopping);
            return begun;
        }
        finally
        {
            _starting.Release();
        }
    }

    /// <summary>
    /// Goes on with builds that a former controller left unfinished, and returns when they have begun; deletes the
    /// work folders of all others.
    /// </summary>
    public async Task ResumeAsync(CancellationToken stopping)
    {
        await _starting.WaitAsync(stopping);
        try
        {
            foreach (var operation in journal.List())
            {
                if (operation is not { Kind: OperationKind, Status: OperationStatus.Running })
                    continue;
                if (!_builds.ContainsKey(operation.Id))
                    _builds[operation.Id] = BuildAsync(journal.Resume(operation), operation.Subject, stopping);
            }
            BuildWorkspace.DeleteOthers(directory, name => journal.FindRunning(OperationKind, name) is not null);
        }
        finally
        {
            _starting.Release();
        }
    }

    /// <summary>Interrupts what is being built and waits for it; the next start resumes it.</summary>
    public async ValueTask DisposeAsync()
    {
        await _disposing.CancelAsync();
        await Task.WhenAll(_builds.Values);
        _disposing.Dispose();
        _starting.Dispose();
    }

    /// <summary>The operation's top: whatever happens in it ends as the operation's error.</summary>
    private async Task BuildAsync(OperationRun run, string name, CancellationToken stopping)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stopping, _disposing.Token);
        await Task.Yield();
        try
        {
            var build = new ImageBuild(name, directory, catalog, run, Options, clock);
            await build.RunAsync(either.Token);
            await run.SucceedAsync();
            build.CleanUp();
        }
        catch (OperationCanceledException) when (either.IsCancellationRequested)
        {
            // It stays "running" in the store, which is what the next start looks for.
        }
        catch (Exception failure)
        {
            await run.FailAsync(failure.Message);
        }
    }
}
