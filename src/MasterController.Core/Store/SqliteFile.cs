using Microsoft.Data.Sqlite;

namespace MasterController.Core.Store;

/// <summary>Makes and opens the file of the store.</summary>
internal static class SqliteFile
{
    public static SqliteConnection Connect(string path, SqliteOpenMode mode, SqliteStoreOptions options)
    {
        var connection = new SqliteConnection(
            new SqliteConnectionStringBuilder
            {
                DataSource = path,
                Mode = mode,
                Pooling = false,
                DefaultTimeout = (int)options.BusyTimeout.TotalSeconds,
            }.ToString()
        );
        try
        {
            connection.Open();
            SQLitePCL.raw.sqlite3_busy_timeout(connection.Handle, (int)options.BusyTimeout.TotalMilliseconds);
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    public static void Make(string path)
    {
        // Not touched where it is there: closing any descriptor of a file drops this process's locks on it (fcntl(2)).
        if (File.Exists(path))
            return;
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        // SQLite gives its -wal and -shm files the mode of this one.
        using var file = new FileStream(path, options);
    }
}
