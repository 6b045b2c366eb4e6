using MasterController.Cli.Api;
using MasterController.Cli.Terminal;

namespace MasterController.Cli.Commands.Images;

/// <summary><c>mctl image list</c>.</summary>
internal static class ImageListCommand
{
    /// <summary>Enough of a checksum to tell images apart.</summary>
    private const int ShortChecksum = 12;

    public static CliCommand Create() =>
        new("list", "List images", "mctl image list", "mctl image list -o json | jq '.items[].sha256'")
        {
            Run = async session =>
            {
                var list = await session.Api.ListImagesAsync(default);
                session.Print(
                    list,
                    CliJson.Wire.ImageList,
                    list.Items.Select(image => image.Name),
                    () =>
                    {
                        var now = session.Terminal.Time.GetUtcNow();
                        var table = new TableWriter("NAME", "KERNEL", ">SIZE", "SHA256", "AGE");
                        foreach (var image in list.Items)
                        {
                            var checksum = image.Sha256[..Math.Min(ShortChecksum, image.Sha256.Length)];
                            table.Add(
                                image.Name,
                                image.Kernel,
                                Readable.Bytes(image.SizeBytes),
                                checksum,
                                Readable.Age(now - image.CreatedAt) + (image.Outdated ? " (outdated)" : "")
                            );
                        }

                        table.Write(session.Out, session.Terminal.OutInk);
                    }
                );
                return ExitCode.Ok;
            },
        };
}
