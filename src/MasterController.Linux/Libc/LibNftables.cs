using System.Runtime.InteropServices;

namespace MasterController.Linux;

/// <summary>libnftables(3), the library behind the nft command.</summary>
internal static partial class LibNftables
{
    private const string Library = "libnftables.so.1";

    internal const uint NFT_CTX_DEFAULT = 0;
    internal const uint NFT_CTX_OUTPUT_JSON = 1 << 4;

    [LibraryImport(Library)]
    internal static partial nint nft_ctx_new(uint flags);

    [LibraryImport(Library)]
    internal static partial void nft_ctx_free(nint context);

    [LibraryImport(Library)]
    internal static partial void nft_ctx_output_set_flags(SafeNftablesHandle context, uint flags);

    [LibraryImport(Library)]
    internal static partial int nft_ctx_buffer_output(SafeNftablesHandle context);

    [LibraryImport(Library)]
    internal static partial int nft_ctx_buffer_error(SafeNftablesHandle context);

    [LibraryImport(Library)]
    internal static partial nint nft_ctx_get_output_buffer(SafeNftablesHandle context);

    [LibraryImport(Library)]
    internal static partial nint nft_ctx_get_error_buffer(SafeNftablesHandle context);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int nft_run_cmd_from_buffer(SafeNftablesHandle context, string commands);

    /// <summary>A struct nft_ctx.</summary>
    internal sealed class SafeNftablesHandle : SafeHandle
    {
        internal SafeNftablesHandle(nint context)
            : base(0, ownsHandle: true) => SetHandle(context);

        public override bool IsInvalid => handle == 0;

        protected override bool ReleaseHandle()
        {
            nft_ctx_free(handle);
            return true;
        }
    }
}
