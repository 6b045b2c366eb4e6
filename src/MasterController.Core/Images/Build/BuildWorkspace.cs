using System.Text;
using System.Text.Json;
using MasterController.Linux.Files;

namespace MasterController.Core.Images.Build;

/// <summary>
/// The work folder of one build. Its ledger has the checksum of everything that finished steps have left, so that a
/// build which was killed, or failed, goes on behind the last step whose results are still what they were.
/// </summary>
internal sealed class BuildWorkspace
{
    internal const string Prefix = ".building-";

    private readonly string _recipe;
    private readonly string _operationId;
    private readonly Dictionary<string, FinishedStep> _finished;

    /// <param name="recipe">Changes whenever the builder would do anything in another way.</param>
    /// <param name="operationId">
    /// The first step is done once in every operation: a resumed build keeps to the packages that it began with, a new
    /// one looks again.
    /// </param>
    internal BuildWorkspace(string imagesDirectory, string name, string recipe, string operationId)
    {
        Root = Path.Combine(imagesDirectory, Prefix + name);
        _recipe = recipe;
        _operationId = operationId;
        Directory.CreateDirectory(ImageFolder);
        _finished = ReadLedger();
    }

    internal string Root { get; }

    /// <summary>What will be published, and nothing else.</summary>
    internal string ImageFolder => Path.Combine(Root, "image");

    internal string Image(string file) => Path.Combine(ImageFolder, file);

    /// <summary>
    /// Where to write a file of the image. The old one is unlinked, never written over: it may be the very file that
    /// a published version has, and that VMs run from.
    /// </summary>
    internal string NewImage(string file)
    {
        File.Delete(Image(file));
        return Image(file);
    }

    /// <summary>An empty folder for the intermediate results of a step.</summary>
    internal string FreshFolder(string name)
    {
        var folder = Folder(name);
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
        Directory.CreateDirectory(folder);
        return folder;
    }

    internal string Folder(string name) => Path.Combine(Root, name);

    /// <summary>
    /// A step is finished if it was recorded after the same inputs and its results are unharmed. The inputs are the
    /// recipe and what all steps before it left, in <paramref name="before"/>.
    /// </summary>
    internal async Task<bool> IsFinishedAsync(
        string step,
        IReadOnlyList<string> before,
        CancellationToken cancellationToken
    )
    {
        if (!_finished.TryGetValue(step, out var finished) || finished.Inputs != InputsOf(step, before))
            return false;
        foreach (var (file, checksum) in finished.Results)
        {
            var path = Path.Combine(Root, file);
            if (!File.Exists(path) || await Sha256.OfFileAsync(path, cancellationToken) != checksum.Sha256)
                return false;
        }
        return true;
    }

    /// <summary>Makes the results of a step durable and then its entry in the ledger.</summary>
    internal async Task RecordAsync(
        string step,
        IReadOnlyList<string> before,
        IReadOnlyList<string> results,
        CancellationToken cancellationToken
    )
    {
        var checksums = new SortedDictionary<string, FileChecksum>(StringComparer.Ordinal);
        foreach (var path in results)
        {
            DurableNames.Sync(path);
            checksums[Path.GetRelativePath(Root, path)] = new FileChecksum(
                new FileInfo(path).Length,
                await Sha256.OfFileAsync(path, cancellationToken)
            );
        }
        foreach (var folder in results.Select(Path.GetDirectoryName).Distinct())
            DurableNames.Sync(folder!);
        _finished[step] = new FinishedStep(InputsOf(step, before), checksums);
        WriteLedger();
    }

    /// <summary>The checksum that was recorded with a result.</summary>
    internal FileChecksum ChecksumOf(string step, string path) =>
        _finished[step].Results[Path.GetRelativePath(Root, path)];

    /// <summary>Deletes the work folders of builds that are over.</summary>
    internal static void DeleteOthers(string imagesDirectory, Func<string, bool> isRunning)
    {
        if (!Directory.Exists(imagesDirectory))
            return;
        foreach (var folder in Directory.GetDirectories(imagesDirectory, Prefix + "*"))
        {
            if (!isRunning(Path.GetFileName(folder)[Prefix.Length..]))
                Directory.Delete(folder, recursive: true);
        }
    }

    internal void Delete() => Directory.Delete(Root, recursive: true);

    private string InputsOf(string step, IReadOnlyList<string> before)
    {
        var inputs = new StringBuilder().Append(_recipe).Append('\n').Append(step).Append('\n');
        if (before.Count == 0)
            inputs.Append(_operationId).Append('\n');
        foreach (var (file, checksum) in before.SelectMany(s => _finished[s].Results))
            inputs.Append(checksum.Sha256).Append("  ").Append(file).Append('\n');
        return Sha256.Of(Encoding.UTF8.GetBytes(inputs.ToString()));
    }

    private string LedgerPath => Path.Combine(Root, "ledger.json");

    private Dictionary<string, FinishedStep> ReadLedger()
    {
        if (!File.Exists(LedgerPath))
            return [];
        try
        {
            var json = File.ReadAllBytes(LedgerPath);
            return new(JsonSerializer.Deserialize(json, ImagesJson.Default.BuildLedgerContent)!.Steps);
        }
        catch (JsonException)
        {
            return []; // nothing that it says can be relied on; every step is done again
        }
    }

    private void WriteLedger()
    {
        DurableNames.Write(
            LedgerPath,
            JsonSerializer.SerializeToUtf8Bytes(
                new BuildLedgerContent(_finished),
                ImagesJson.Default.BuildLedgerContent
            )
        );
    }
}

internal sealed record BuildLedgerContent(IReadOnlyDictionary<string, FinishedStep> Steps);

/// <param name="Inputs">Checksum over everything that the results depend on.</param>
/// <param name="Results">By path relative to the work folder.</param>
internal sealed record FinishedStep(string Inputs, IReadOnlyDictionary<string, FileChecksum> Results);
