using MasterController.Daemon.Hosting;
using Xunit;

namespace MasterController.Tests.Daemon;

public class StatePathTests
{
    [Fact]
    public void A_directory_above_that_lets_nobody_pass_is_named()
    {
        var closed = Directory.CreateTempSubdirectory("mc-closed-"); // mode 0700
        try
        {
            var refusal = Assert.Throws<StartupException>(() =>
                StatePath.RequirePassable(Path.Combine(closed.FullName, "state"))
            );
            Assert.Contains(closed.FullName, refusal.Message);
            Assert.Contains("mode 700", refusal.Message);

            closed.UnixFileMode |= UnixFileMode.OtherExecute;
            StatePath.RequirePassable(Path.Combine(closed.FullName, "state"));
        }
        finally
        {
            closed.Delete();
        }
    }
}
