using System.CommandLine;
using MasterController.Cli.Commands.Operations;

namespace MasterController.Cli.Commands.Images;

/// <summary><c>mctl image build</c>: begins the operation and shows it to its end.</summary>
internal static class ImageBuildCommand
{
    public static CliCommand Create()
    {
        var name = new NameArgument("NAME", NameSource.Images)
        {
            Description = "The image's name [golden]",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var waiting = new WaitOptions(OperationFollow.DefaultWait);
        return new CliCommand(
            "build",
            "Build the image that VMs start from",
            "mctl image build",
            "mctl image build --no-wait"
        )
        {
            Run = async session =>
            {
                var wait = waiting.Of(session);
                var operation = await session.Api.BuildImageAsync(session.Get(name), default);
                if (wait == TimeSpan.Zero)
                {
                    OperationView.Print(session, operation);
                    return ExitCode.Ok;
                }

                return await new OperationFollow(session, wait).RunAsync(operation);
            },
        }.With(name, waiting.Wait, waiting.NoWait);
    }
}
