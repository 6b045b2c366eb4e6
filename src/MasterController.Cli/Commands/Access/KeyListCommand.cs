using MasterController.Cli.Api;
using MasterController.Cli.Terminal;
using MasterController.Contracts;

namespace MasterController.Cli.Commands.Access;

/// <summary><c>mctl key list</c>.</summary>
internal static class KeyListCommand
{
    public static CliCommand Create() =>
        new("list", "List API keys, without their secrets", "mctl key list", "mctl key list -o json")
        {
            Run = async session =>
            {
                var list = await session.Api.ListKeysAsync(default);
                session.Print(
                    list,
                    CliJson.Wire.ApiKeyList,
                    list.Items.Select(key => key.Name),
                    () => Draw(session, list)
                );
                return ExitCode.Ok;
            },
        };

    private static void Draw(Session session, ApiKeyList list)
    {
        if (list.Items.Count == 0)
        {
            session.Note("there is no key; make one: mctl key create NAME --role viewer");
            return;
        }

        var ink = session.Terminal.OutInk;
        var now = session.Terminal.Time.GetUtcNow();
        var table = new TableWriter("NAME", "ID", "ROLE", "OWNER", "POOL", "EXPIRES", "LAST USED", "CREATED BY", "AGE");
        foreach (var key in list.Items)
        {
            table.Add(
                key.Name,
                key.Id,
                key.Role,
                key.Owner,
                key.Pool,
                key.Expired ? new Cell("expired", ink.Red)
                    : key.ExpiresAt is { } end ? Readable.Time(end)
                    : "never",
                key.LastUsedAt is { } used ? $"{Readable.Age(now - used)} ago" : null,
                key.CreatedBy,
                Readable.Age(now - key.CreatedAt)
            );
        }

        table.Write(session.Out, ink);
    }
}
