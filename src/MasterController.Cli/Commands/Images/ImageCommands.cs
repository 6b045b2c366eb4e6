namespace MasterController.Cli.Commands.Images;

internal static class ImageCommands
{
    public static CliCommand[] All() => [ImageBuildCommand.Create(), ImageListCommand.Create()];
}
