namespace MasterController.Cli.Commands;

/// <summary>What is said of a thing that the API answers 204 for: there is no JSON of what is gone.</summary>
internal static class Deleted
{
    public static void Print(Session session, string name, string verb = "deleted")
    {
        if (session.Quiet)
        {
            session.Out.Write(name + "\n");
        }
        else if (!session.Json)
        {
            session.Out.Write($"{session.Terminal.OutInk.Bold(name)} {verb}\n");
        }
    }
}
