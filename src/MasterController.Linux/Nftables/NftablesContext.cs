using System.Runtime.InteropServices;
using System.Text;

namespace MasterController.Linux.Nftables;

/// <summary>
/// nftables through its library, without a process. Belongs to the network namespace of the thread that opened it, and to
/// one caller at a time.
/// </summary>
public sealed class NftablesContext : IDisposable
{
    // FD_SETSIZE is 1024; some below it are left to what other threads open in between.
    private const int HighestDescriptor = 1000;

    private readonly LibNftables.SafeNftablesHandle _context;

    private NftablesContext(LibNftables.SafeNftablesHandle context) => _context = context;

    /// <summary>
    /// To be opened early in a process's life: its socket must have a number below FD_SETSIZE.
    /// </summary>
    /// <exception cref="NftablesException">libnftables.so.1 is missing, has no memory, or no low descriptor is free.</exception>
    public static NftablesContext Open()
    {
        // The library waits with select(2), and the C library ends the whole process on a descriptor that does not fit.
        using (var probe = File.OpenHandle("/dev/null"))
            if (probe.DangerousGetHandle() >= HighestDescriptor)
                throw new NftablesException($"nftables needs a descriptor below {HighestDescriptor}; all are taken");
        LibNftables.SafeNftablesHandle context;
        try
        {
            context = new(LibNftables.nft_ctx_new(LibNftables.NFT_CTX_DEFAULT));
        }
        catch (DllNotFoundException)
        {
            throw new NftablesException("libnftables.so.1 is not installed (Debian: libnftables1)");
        }
        if (
            context.IsInvalid
            || LibNftables.nft_ctx_buffer_output(context) != 0
            || LibNftables.nft_ctx_buffer_error(context) != 0
        )
        {
            context.Dispose();
            throw new NftablesException("libnftables could not be set up");
        }
        return new NftablesContext(context);
    }

    /// <summary><c>nft -f -</c>: all commands as one transaction, which the kernel takes whole or not at all.</summary>
    /// <exception cref="NftablesException">Refused; nothing was changed. The message is nft's own.</exception>
    public void Run(string commands) => Execute(commands, 0);

    /// <summary><c>nft -j …</c>: a listing as JSON (libnftables-json(5)), in UTF-8.</summary>
    /// <returns>Null where what was to be listed is not there.</returns>
    /// <exception cref="NftablesException">Refused for another reason.</exception>
    public byte[]? List(string command) => List(command, LibNftables.NFT_CTX_OUTPUT_JSON);

    /// <summary><c>nft …</c>: a listing as nft reads it again, in UTF-8.</summary>
    /// <inheritdoc cref="List(string)" path="/returns"/>
    /// <inheritdoc cref="List(string)" path="/exception"/>
    public byte[]? ListAsText(string command) => List(command, 0);

    private byte[]? List(string command, uint outputFlags)
    {
        try
        {
            return Execute(command, outputFlags);
        }
        catch (NftablesException exception) when (exception.NothingThere)
        {
            return null;
        }
    }

    public void Dispose() => _context.Dispose();

    private byte[] Execute(string commands, uint outputFlags)
    {
        LibNftables.nft_ctx_output_set_flags(_context, outputFlags);
        var result = LibNftables.nft_run_cmd_from_buffer(_context, commands);
        // Both buffers are emptied by being read; an old error would otherwise show up in the next one's.
        var output = Bytes(LibNftables.nft_ctx_get_output_buffer(_context));
        var error = Bytes(LibNftables.nft_ctx_get_error_buffer(_context));
        return result == 0 ? output.ToArray() : throw new NftablesException(Encoding.UTF8.GetString(error).Trim());
    }

    private static unsafe ReadOnlySpan<byte> Bytes(nint text) =>
        // SAFETY: libnftables answers with a string of its own that ends in zero and stays until the next command of this
        // context; the caller copies it before that.
        MemoryMarshal.CreateReadOnlySpanFromNullTerminated((byte*)text);
}

/// <summary>nftables refused a transaction; the rules are as they were before it.</summary>
public sealed class NftablesException(string message) : Exception(message)
{
    // ENOENT in the C locale's words: libnftables gives no number.
    internal bool NothingThere => Message.Contains("No such file or directory", StringComparison.Ordinal);
}
