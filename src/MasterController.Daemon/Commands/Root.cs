using System.CommandLine;

namespace MasterController.Daemon.Commands;

/// <summary>The command line of <c>master-controller</c>.</summary>
internal static class Root
{
    private const string Description = """
        Runs microVMs on this host, with addresses from a pool. Talk to it with mctl.

        Examples:
          master-controller                                   run with /etc/master-controller/master-controller.toml
          master-controller --network none --state-dir /tmp/s lease addresses only, from a directory of one's own
          master-controller config check                      name everything that is wrong with the configuration
          master-controller config show -o json               what is in force, and whence
          master-controller doctor                            what of the host stands in the way
        """;

    public static RootCommand Create()
    {
        var options = new CommonOptions();
        var output = new Option<string>("--output", "-o")
        {
            Description = "table or json",
            DefaultValueFactory = _ => "table",
        };
        output.AcceptOnlyFromAmong("table", "json");
        var root = new RootCommand(Description)
        {
            RunCommand.Create(options),
            ConfigCommand.Create(options, output),
            DoctorCommand.Create(options, output),
        };
        options.AddTo(root);
        root.SetAction((parsed, _) => RunCommand.RunAsync(options, parsed));
        return root;
    }
}
