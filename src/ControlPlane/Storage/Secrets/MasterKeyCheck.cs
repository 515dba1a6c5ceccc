using ControlPlane.Storage.Tables;
using Microsoft.EntityFrameworkCore;

namespace ControlPlane.Storage.Secrets;

/// <summary>Tells at start, before anybody misses a password, that the master key file is not the one this database was used with.</summary>
internal sealed class MasterKeyCheck(Database database, Lazy<MasterKeys> masterKeys, SecretBox secretBox)
{
    private const string Purpose = "master_key_checks";

    private static readonly byte[] KnownText = "this master key belongs to this database"u8.ToArray();

    /// <summary>Reads the key file, once per process.</summary>
    /// <exception cref="StorageRefusedException">The file is missing, unreadable or holds something else.</exception>
    public void RequireFile() => _ = masterKeys.Value;

    /// <summary>Compares with the keys used before; notes the current one.</summary>
    /// <exception cref="StorageRefusedException">No key of the file was ever used with this database.</exception>
    public Task VerifyAsync(CancellationToken cancellationToken) =>
        database.WriteAsync("check the master key", async (context, token) =>
        {
            var keys = masterKeys.Value;
            var known = await context.MasterKeyChecks.AsNoTracking().OrderBy(row => row.CreatedAt).ToListAsync(token);
            if (known.Count > 0 && !known.Exists(CanOpen))
            {
                throw new StorageRefusedException(
                    $"The master key file {keys.Source} (keys {keys.Ids}) does not belong to {database.Name}, which was used with {string.Join(", ", known.Select(row => row.KeyId))}. "
                    + "Restore that file, or point Storage:MasterKeyFile to it. If the key is lost for good: delete the rows of table master_key_checks and data_protection_keys, "
                    + "restart, and enter the secrets of every cluster again.");
            }

            if (!known.Exists(row => row.KeyId == keys.Current.Id))
            {
                var sealedText = secretBox.Seal(Purpose, keys.Current.Id, KnownText);
                await context.Database.ExecuteSqlAsync(
                    $"INSERT INTO master_key_checks (key_id, sealed) VALUES ({keys.Current.Id}, {sealedText}) ON CONFLICT DO NOTHING", token);
            }

            return known.Count;
        }, cancellationToken);

    private bool CanOpen(MasterKeyCheckRow row)
    {
        try
        {
            return secretBox.Open(Purpose, row.KeyId, row.Sealed).AsSpan().SequenceEqual(KnownText);
        }
        catch (SecretUnreadableException)
        {
            return false;
        }
    }
}
