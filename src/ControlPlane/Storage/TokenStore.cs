using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using ControlPlane.Storage.Tables;
using Microsoft.EntityFrameworkCore;

namespace ControlPlane.Storage;

/// <summary>An API token without its secret.</summary>
/// <param name="Prefix">The first characters of the secret, enough to tell tokens apart.</param>
internal sealed record StoredToken(
    Guid Id,
    string Name,
    string Prefix,
    Role Role,
    string CreatedBy,
    DateTimeOffset CreatedAt,
    DateTimeOffset? ExpiresAt,
    DateTimeOffset? LastUsedAt,
    DateTimeOffset? RevokedAt);

/// <summary>A new token; the secret is known only here and now.</summary>
internal sealed record IssuedToken(StoredToken Token, string Secret);

/// <summary>API tokens: 256 random bits each, of which only the hash is stored.</summary>
internal sealed class TokenStore(Database database)
{
    public const string SecretPrefix = "kcp_";

    private const int SecretBytes = 32;
    private const int ShownCharacters = 10;

    // A plain hash is enough for 256 random bits, and cheap enough for every request.
    private static readonly int SecretLength = SecretPrefix.Length + Base64Url.GetEncodedLength(SecretBytes);

    public Task<IssuedToken> CreateAsync(string name, Role role, string createdBy, TimeSpan? lifetime, CancellationToken cancellationToken) =>
        database.ChangeAsync("create a token", async (context, token) =>
        {
            var secret = SecretPrefix + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(SecretBytes));
            var now = await context.Database.SqlQuery<DateTimeOffset>($"SELECT clock_timestamp() AS \"Value\"").SingleAsync(token);
            var row = new TokenRow
            {
                Id = Guid.NewGuid(),
                Name = name,
                Hash = Hash(secret),
                Prefix = secret[..ShownCharacters],
                Role = role.ToText(),
                CreatedBy = createdBy,
                CreatedAt = now,
                ExpiresAt = now + lifetime,
            };
            context.Add(row);
            await context.SaveChangesAsync(token);
            return new IssuedToken(ToToken(row), secret);
        }, cancellationToken);

    /// <summary>The token the secret belongs to; null when it is unknown, expired or revoked.</summary>
    public async Task<StoredToken?> AuthenticateAsync(string secret, CancellationToken cancellationToken)
    {
        if (secret.Length != SecretLength || !secret.StartsWith(SecretPrefix, StringComparison.Ordinal))
        {
            return null;
        }

        var hash = Hash(secret);
        var row = await database.ReadAsync("check a token", (context, token) => context.Tokens
            .FromSql($"SELECT * FROM tokens WHERE hash = {hash} AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > clock_timestamp())")
            .AsNoTracking()
            .SingleOrDefaultAsync(token), cancellationToken);
        if (row is null)
        {
            return null;
        }

        await NoteUseAsync(row.Id, cancellationToken);
        return ToToken(row);
    }

    public Task<IReadOnlyList<StoredToken>> ListAsync(CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<StoredToken>>("list the tokens", async (context, token) =>
            (await context.Tokens.AsNoTracking().OrderByDescending(row => row.CreatedAt).ToListAsync(token)).ConvertAll(ToToken), cancellationToken);

    /// <summary>The revoked token; null when there is none with this id.</summary>
    public Task<StoredToken?> RevokeAsync(Guid id, CancellationToken cancellationToken) =>
        database.ChangeAsync("revoke a token", async (context, token) =>
        {
            await context.Database.ExecuteSqlAsync($"UPDATE tokens SET revoked_at = clock_timestamp() WHERE id = {id} AND revoked_at IS NULL", token);
            return await context.Tokens.AsNoTracking().SingleOrDefaultAsync(row => row.Id == id, token) is { } row ? ToToken(row) : null;
        }, cancellationToken);

    /// <summary>At most once a minute, so that a busy client does not cost a write per request.</summary>
    private async Task NoteUseAsync(Guid id, CancellationToken cancellationToken)
    {
        try
        {
            await database.WriteAsync("note the use of a token", (context, token) => context.Database.ExecuteSqlAsync(
                $"""
                UPDATE tokens SET last_used_at = clock_timestamp()
                WHERE id = {id} AND (last_used_at IS NULL OR last_used_at < clock_timestamp() - interval '1 minute')
                """,
                token), cancellationToken);
        }
        catch (StorageUnavailableException)
        {
            // A read-only or full database must not lock API clients out; only the note is missing.
        }
    }

    private static byte[] Hash(string secret) => SHA256.HashData(Encoding.ASCII.GetBytes(secret));

    private static StoredToken ToToken(TokenRow row) => new(
        row.Id, row.Name, row.Prefix, Roles.Parse(row.Role), row.CreatedBy, row.CreatedAt, row.ExpiresAt, row.LastUsedAt, row.RevokedAt);
}
