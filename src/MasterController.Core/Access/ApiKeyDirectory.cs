using System.Collections.Concurrent;
using System.Security.Cryptography;
using MasterController.Core.Store;

namespace MasterController.Core.Access;

/// <summary>The keys that there are. They are looked up by their hash: where a guess ends tells nothing of a secret.</summary>
public sealed class ApiKeyDirectory(IStateStore store, TimeProvider clock)
{
    private readonly SemaphoreSlim _changes = new(1);
    private readonly ConcurrentDictionary<ulong, KnownKey> _known = [];

    /// <summary>By name.</summary>
    public IReadOnlyList<KnownKey> All => [.. _known.Values.OrderBy(k => k.Key.Name, StringComparer.Ordinal)];

    /// <summary>Before this, no key is known.</summary>
    public void Load(StoreSnapshot snapshot)
    {
        foreach (var key in snapshot.ApiKeys)
            Add(new KnownKey(key));
    }

    /// <summary>The key of that secret, also where it has expired; null where it is none, or was revoked.</summary>
    public KnownKey? Find(string secret)
    {
        var hash = ApiKeySecret.HashOf(secret);
        if (!_known.TryGetValue(KnownKey.IndexOf(hash), out var found) || !found.Has(hash))
            return null;
        found.Used(clock.GetUtcNow());
        return found;
    }

    public KnownKey? FindByName(string idOrName) =>
        _known.Values.FirstOrDefault(k => k.Key.Id == idOrName)
        ?? _known.Values.FirstOrDefault(k => k.Key.Name == idOrName);

    /// <summary>Makes a key and shows its secret this one time; null where the name is taken.</summary>
    /// <param name="role">"viewer", "operator" or "admin".</param>
    /// <param name="validFor">Null: for ever.</param>
    /// <exception cref="StoreException">There is no such key.</exception>
    public async Task<(KnownKey Key, string Secret)?> CreateAsync(
        string name,
        string role,
        string? owner,
        string? pool,
        TimeSpan? validFor
    )
    {
        await _changes.WaitAsync();
        try
        {
            if (_known.Values.Any(k => k.Key.Name == name))
                return null;
            var now = clock.GetUtcNow();
            var secret = ApiKeySecret.New();
            var made = new KnownKey(
                new ApiKey(
                    $"k-{RandomNumberGenerator.GetHexString(12, lowercase: true)}",
                    name,
                    role,
                    owner,
                    pool,
                    Convert.ToHexStringLower(ApiKeySecret.HashOf(secret)),
                    now,
                    Actor.Current,
                    now + validFor
                )
            );
            await store.CommitAsync(new StoreChange.ApiKeySaved(made.Key));
            Add(made);
            return (made, secret);
        }
        finally
        {
            _changes.Release();
        }
    }

    /// <summary>From now on it is refused, and what goes on in its name ends; false where there is no such key.</summary>
    /// <exception cref="StoreException">It is as it was.</exception>
    public async Task<bool> RevokeAsync(string idOrName)
    {
        await _changes.WaitAsync();
        try
        {
            if (FindByName(idOrName) is not { } key)
                return false;
            await store.CommitAsync(new StoreChange.ApiKeyDeleted(key.Key.Id));
            _known.TryRemove(key.Index, out _);
            key.End();
            return true;
        }
        finally
        {
            _changes.Release();
        }
    }

    private void Add(KnownKey key) => _known[key.Index] = key;
}
