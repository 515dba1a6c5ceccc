using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using ControlPlane.Storage;
using Microsoft.Extensions.Options;

namespace ControlPlane.Api.Access;

/// <summary>
/// Users and tokens as of some seconds ago, so that a page of ten requests asks the database once. Changes made by this process
/// hold at once; those of others after <see cref="ApiOptions.AccessCache"/>. While the database can't be asked, who was known stays known for
/// <see cref="ApiOptions.AccessOutage"/>: clusters are watched on, and who is on call has to see them.
/// </summary>
internal sealed class AccessCache(UserStore users, TokenStore tokens, IOptions<ApiOptions> options, TimeProvider time)
{
    private const int MaxEntries = 10_000;

    /// <summary>A database that is gone is not asked at each request: every try takes seconds.</summary>
    private static readonly TimeSpan PauseWithoutDatabase = TimeSpan.FromSeconds(15);

    private readonly ConcurrentDictionary<string, Entry<StoredUser>> _users = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Entry<StoredToken>> _tokens = new(StringComparer.Ordinal);

    /// <summary>Null for a user that is gone, disabled, or whose stamp is another one now.</summary>
    public async ValueTask<StoredUser?> FindUserAsync(string name, Guid stamp, CancellationToken cancellationToken)
    {
        if (!TryGet(_users, name, out var user))
        {
            user = await AskAsync(_users, name, async () => await users.FindAsync(name, cancellationToken));
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

        token = await AskAsync(_tokens, key, async () => await tokens.AuthenticateAsync(secret, cancellationToken));
        return token?.ExpiresAt <= time.GetUtcNow() ? null : token;
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
        var found = cache.TryGetValue(key, out var entry) && time.GetElapsedTime(entry.At) < (entry.IsOld ? PauseWithoutDatabase : options.Value.AccessCache);
        value = found ? entry.Value : null;
        return found;
    }

    /// <summary>Nobody that is not there is kept: unknown names and secrets could fill the cache.</summary>
    private async Task<T?> AskAsync<T>(ConcurrentDictionary<string, Entry<T>> cache, string key, Func<Task<T?>> ask)
        where T : class
    {
        try
        {
            var value = await ask();
            if (value is null)
            {
                cache.TryRemove(key, out _);
                return null;
            }

            if (cache.Count >= MaxEntries)
            {
                cache.Clear();
            }

            cache[key] = new Entry<T>(value, time.GetTimestamp(), time.GetTimestamp(), IsOld: false);
            return value;
        }
        catch (StorageUnavailableException ex) when (ex.IsTransient && cache.TryGetValue(key, out var known) && HoldsWithoutDatabase(known.Since))
        {
            cache.TryUpdate(key, known with { At = time.GetTimestamp(), IsOld = true }, known);
            return known.Value;
        }
    }

    private bool HoldsWithoutDatabase(long since) => options.Value.AccessCache > TimeSpan.Zero && time.GetElapsedTime(since) < options.Value.AccessOutage;

    /// <summary>What the database said of one user or token.</summary>
    /// <param name="At">When it was asked for last.</param>
    /// <param name="Since">When the database said it.</param>
    /// <param name="IsOld">The last time there was no answer.</param>
    private readonly record struct Entry<T>(T? Value, long At, long Since, bool IsOld)
        where T : class;
}
