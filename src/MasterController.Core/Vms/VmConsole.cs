using System.Runtime.CompilerServices;
using System.Text;
using MasterController.Linux.Processes;
using Microsoft.Win32.SafeHandles;

namespace MasterController.Core.Vms;

/// <summary>
/// The serial consoles of VMs, which are files that hypervisors append to. Read by name and never followed through a
/// link, since a VM's process owns the file.
/// </summary>
public sealed class VmConsole(VmDirectories directories, TimeProvider clock)
{
    /// <summary>What the golden image writes when it is up, followed by its address.</summary>
    public const string ReadyMark = "master-controller: guest ready";

    private const string BootMark = "master-controller: booting\n";

    private const int ReadyWithinLines = 50;

    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(50);

    /// <summary>More of a console's end than this is not read into memory at once.</summary>
    private const int MaxTailBytes = 1 << 20;

    /// <summary>The last <paramref name="lines"/> lines; empty where there is no console yet.</summary>
    public string Tail(string vmId, int lines)
    {
        using var file = Open(vmId);
        return file is null ? "" : Encoding.UTF8.GetString(ReadTail(file, lines));
    }

    /// <summary>The last lines of what was written since the last <see cref="BeginBoot"/>.</summary>
    public string OfThisBoot(string vmId, int lines)
    {
        var tail = Tail(vmId, lines);
        var mark = tail.LastIndexOf(BootMark, StringComparison.Ordinal);
        return mark < 0 ? tail : tail[(mark + BootMark.Length)..];
    }

    /// <summary>
    /// Marks where the next boot begins, in a console that goes on from a former one: what the guest said then must
    /// not be taken for what it says now.
    /// </summary>
    public void BeginBoot(string vmId)
    {
        using var file = Open(vmId, SharedDirectoryFile.OpenForWriting, FileAccess.ReadWrite);
        if (file is null or { Length: 0 })
            return;
        file.Seek(0, SeekOrigin.End);
        file.Write(Encoding.UTF8.GetBytes($"\n{BootMark}"));
    }

    /// <summary>
    /// The last lines and then whatever is written, until cancelled or the VM is gone; a trimmed file is gone on with
    /// from its new start.
    /// </summary>
    public async IAsyncEnumerable<ReadOnlyMemory<byte>> FollowAsync(
        string vmId,
        int lines,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var position = 0L;
        using (var file = Open(vmId))
        {
            if (file is not null)
            {
                yield return ReadTail(file, lines);
                position = file.Position;
            }
        }
        using var timer = new PeriodicTimer(PollInterval, clock);
        var buffer = new byte[16 * 1024];
        do
        {
            using var file = Open(vmId);
            if (file is null)
            {
                if (!Directory.Exists(directories.Of(vmId).Path))
                    yield break;
                continue;
            }
            if (file.Length < position)
                position = 0;
            file.Position = position;
            int read;
            while ((read = await file.ReadAsync(buffer, cancellationToken)) > 0)
            {
                position += read;
                yield return buffer.AsMemory(0, read);
            }
        } while (await timer.WaitForNextTickAsync(cancellationToken));
    }

    /// <summary>
    /// Waits for the golden image's word that network and userspace are up. False when the process ended before that
    /// or the controller ends; an image of the operator's own may never say it.
    /// </summary>
    public async Task<bool> WaitForReadyAsync(string vmId, ProcessIdentity process, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(PollInterval, clock);
        do
        {
            if (OfThisBoot(vmId, ReadyWithinLines).Contains(ReadyMark, StringComparison.Ordinal))
                return true;
        } while (process.IsAlive && await timer.WaitForNextTickAsync(cancellationToken));
        return false;
    }

    /// <summary>
    /// Cuts a console that has grown beyond the limit down to its last half. The hypervisor appends (O_APPEND), so it
    /// goes on at the new end; what it writes between the read and the cut is lost.
    /// </summary>
    public void Trim(string vmId, long limitBytes)
    {
        using var file = Open(vmId, SharedDirectoryFile.OpenForWriting, FileAccess.ReadWrite);
        if (file is null)
            return;
        if (file.Length <= limitBytes)
            return;
        var kept = new byte[limitBytes / 2];
        file.Seek(-kept.Length, SeekOrigin.End);
        file.ReadExactly(kept);
        var lineEnd = Array.IndexOf(kept, (byte)'\n') + 1;
        file.SetLength(0);
        file.Position = 0;
        file.Write(kept, lineEnd, kept.Length - lineEnd);
    }

    private FileStream? Open(string vmId) => Open(vmId, SharedDirectoryFile.OpenForReading, FileAccess.Read);

    private FileStream? Open(string vmId, Func<string, SafeFileHandle> open, FileAccess access)
    {
        try
        {
            return new FileStream(open(directories.Of(vmId).ConsoleLog), access, bufferSize: 0);
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }

    /// <summary>Leaves the file's position behind the last byte that was read.</summary>
    private static byte[] ReadTail(FileStream file, int lines)
    {
        // Not relative to the end, which trimming may move meanwhile.
        var end = file.Length;
        var length = (int)Math.Min(end, MaxTailBytes);
        file.Position = end - length;
        var bytes = new byte[length];
        length = file.ReadAtLeast(bytes, length, throwOnEndOfStream: false);
        var text = bytes.AsSpan(0, length);
        var start = text.Length;
        if (start > 0 && text[^1] == '\n')
            start--;
        for (var seen = 0; seen < lines && start >= 0; seen++)
            start = text[..Math.Max(start, 0)].LastIndexOf((byte)'\n');
        return lines <= 0 ? [] : text[(start + 1)..].ToArray();
    }
}
