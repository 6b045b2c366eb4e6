using System.Security.Cryptography;

namespace MasterController.Core.Access;

/// <summary>A key that is not revoked, and what is known of its use.</summary>
public sealed class KnownKey
{
    /// <summary>A key that revokes itself still gets its answer.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(1);

    private readonly byte[] _hash;
    private readonly CancellationTokenSource _ended = new();
    private long _lastUsedTicks;

    internal KnownKey(ApiKey key)
    {
        Key = key;
        _hash = Convert.FromHexString(key.Hash);
        Index = IndexOf(_hash);
    }

    public ApiKey Key { get; }

    /// <summary>Cancelled soon after it was revoked: what still goes on in its name has to end.</summary>
    public CancellationToken Ended => _ended.Token;

    /// <summary>To the minute; null where it was not used since the controller started.</summary>
    public DateTimeOffset? LastUsedAt =>
        Volatile.Read(ref _lastUsedTicks) is > 0 and var ticks ? new DateTimeOffset(ticks, TimeSpan.Zero) : null;

    internal ulong Index { get; }

    internal static ulong IndexOf(ReadOnlySpan<byte> hash) => BitConverter.ToUInt64(hash);

    /// <summary>Takes as long however much of it is right.</summary>
    internal bool Has(ReadOnlySpan<byte> hash) => CryptographicOperations.FixedTimeEquals(_hash, hash);

    internal void Used(DateTimeOffset at) =>
        Volatile.Write(ref _lastUsedTicks, at.UtcTicks - at.UtcTicks % TimeSpan.TicksPerMinute);

    internal void End() => _ended.CancelAfter(Grace);
}
