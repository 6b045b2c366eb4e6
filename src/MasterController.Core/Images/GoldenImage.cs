using MasterController.Core.Operations;

namespace MasterController.Core.Images;

/// <summary>
/// Builds the golden image from Debian packages as a resumable operation of kind <see cref="OperationKind"/>, whose
/// subject is the image's name.
/// </summary>
public sealed class GoldenImage(string directory, ImageCatalog catalog, OperationJournal journal, TimeProvider clock)
{
    public const string OperationKind = "image.build";

    private readonly string _directory = directory;
    private readonly ImageCatalog _catalog = catalog;
    private readonly OperationJournal _journal = journal;
    private readonly TimeProvider _clock = clock;

    /// <summary>
    /// Starts the build and returns at once with the operation; a build of that name that runs already is returned
    /// instead of a second one.
    /// </summary>
    /// <param name="stopping">Ends the work in order when the controller stops; the next start resumes it.</param>
    public Task<Operation> StartAsync(string name, CancellationToken stopping) => throw new NotImplementedException();

    /// <summary>Goes on with builds that a former controller left unfinished.</summary>
    public Task ResumeAsync(CancellationToken stopping) => throw new NotImplementedException();
}
