using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using ControlPlane.Storage;
using Microsoft.Extensions.Options;

namespace ControlPlane.Api.Access;

/// <summary>
/// Users and tokens as of some seconds ago, so that a page of ten requests asks the database once. Changes made by this process
/// hold at once; those of others after <see cref="ApiOptions.AccessCache"/>.
/// </summary>
internal sealed class AccessCache(UserStore users, TokenStore tokens, IOptions<ApiOptions> options, TimeProvider time)
{
    private const int MaxEntries = 10_000;

    private readonly ConcurrentDictionary<string, Entry<StoredUser>> _users = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Entry<StoredToken>> _tokens = new(StringComparer.Ordinal);

    /// <summary>Null for a user that is gone, disabled, or whose stamp is another one now.</summary>
    public async ValueTask<StoredUser?> FindUserAsync(string name, Guid stamp, CancellationToken cancellationToken)
    {
        if (!TryGet(_users, name, out var user))
        {
            user = await users.FindAsync(name, cancellationToken);
            Keep(_users, name, user);
        }

        return user is { Disabled: false } && user.SecurityStamp == stamp ? user : null;
    }

    public async ValueTask<StoredToken?> FindTokenAsync(string secret, CancellationToken cancellationToken)
    {
        if (!secret.StartsWith(TokenStore.SecretPrefix, StringComparison.Ordinal) || secret.Length > 200)
        {
            return null;
        }

        // Keyed by hash: the cache must not hold what a memory dump could use.
        var key = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(secret)));
        if (TryGet(_tokens, key, out var token))
        {
            return token?.ExpiresAt <= time.GetUtcNow() ? null : token;
        }

        token = await tokens.AuthenticateAsync(secret, cancellationToken);
        if (token is not null)
        {
            Keep(_tokens, key, token); // unknown secrets are not kept: they could fill the cache
        }

        return token;
    }

    public void Forget(string user) => _users.TryRemove(user, out _);

    public void ForgetToken(Guid id)
    {
        foreach (var (key, entry) in _tokens)
        {
            if (entry.Value?.Id == id)
            {
                _tokens.TryRemove(key, out _);
            }
        }
    }

    private bool TryGet<T>(ConcurrentDictionary<string, Entry<T>> cache, string key, out T? value)
        where T : class
    {
        var found = cache.TryGetValue(key, out var entry) && time.GetElapsedTime(entry.At) < options.Value.AccessCache;
        value = found ? entry.Value : null;
        return found;
    }

    private void Keep<T>(ConcurrentDictionary<string, Entry<T>> cache, string key, T? value)
        where T : class
    {
        if (cache.Count >= MaxEntries)
        {
            cache.Clear();
        }

        cache[key] = new Entry<T>(value, time.GetTimestamp());
    }

    private readonly record struct Entry<T>(T? Value, long At)
        where T : class;
}
