using System.Xml.Linq;
using Microsoft.EntityFrameworkCore;

namespace ControlPlane.Storage.Secrets;

/// <summary>
/// Seals anew, at each start, what was sealed with an older master key, so that the older one can then be taken out of the file.
/// Every process does so; each row is replaced only if it is still the one that was read, so that nobody's newer secret is lost.
/// </summary>
internal sealed partial class SecretReseal(Database database, SecretBox secretBox, Lazy<MasterKeys> masterKeys, ILogger<SecretReseal> logger)
{
    /// <summary>How many secrets were sealed anew.</summary>
    public Task<int> RunAsync(CancellationToken cancellationToken) =>
        database.WriteAsync("seal secrets with the current master key", async (context, token) =>
        {
            var resealed = await ClustersAsync(context, token) + await CookieKeysAsync(context, token);
            if (resealed > 0)
            {
                LogResealed(resealed, masterKeys.Value.Current.Id);
            }

            return resealed;
        }, cancellationToken);

    private async Task<int> ClustersAsync(StorageContext context, CancellationToken cancellationToken)
    {
        var resealed = 0;
        foreach (var row in await context.Clusters.AsNoTracking().Where(row => row.Secrets != null).Select(row => new { row.Id, row.Secrets }).ToListAsync(cancellationToken))
        {
            if (Reseal(ClusterStore.Purpose, row.Id.Value, row.Secrets!) is { } box)
            {
                // Not a new version: the secret is the same, and nobody has to connect anew.
                resealed += await context.Database.ExecuteSqlAsync($"UPDATE clusters SET secrets = {box} WHERE id = {row.Id.Value} AND secrets = {row.Secrets}", cancellationToken);
            }
        }

        return resealed;
    }

    private async Task<int> CookieKeysAsync(StorageContext context, CancellationToken cancellationToken)
    {
        var resealed = 0;
        foreach (var row in await context.DataProtectionKeys.AsNoTracking().ToListAsync(cancellationToken))
        {
            var xml = XElement.Parse(row.Xml);
            var changed = false;
            foreach (var element in xml.DescendantsAndSelf(SecretBoxXmlEncryptor.ElementName))
            {
                if (Reseal(SecretBoxXmlEncryptor.Purpose, SecretBoxXmlEncryptor.ElementName, Convert.FromBase64String(element.Value)) is { } box)
                {
                    (element.Value, changed) = (Convert.ToBase64String(box), true);
                }
            }

            if (changed)
            {
                var text = xml.ToString(SaveOptions.DisableFormatting);
                resealed += await context.Database.ExecuteSqlAsync($"UPDATE data_protection_keys SET xml = {text} WHERE id = {row.Id} AND xml = {row.Xml}", cancellationToken);
            }
        }

        return resealed;
    }

    /// <summary>Null for what needs no new seal, and for what no key of the file opens: that is told where it is needed, and kept for a key that may come back.</summary>
    private byte[]? Reseal(string purpose, string id, byte[] box)
    {
        if (secretBox.IsCurrent(box))
        {
            return null;
        }

        try
        {
            return secretBox.Seal(purpose, id, secretBox.Open(purpose, id, box));
        }
        catch (SecretUnreadableException ex)
        {
            LogUnreadable(ex.Message);
            return null;
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Count} secrets were sealed anew with master key {Key}; the older keys can be taken out of the file")]
    private partial void LogResealed(int count, string key);

    [LoggerMessage(Level = LogLevel.Warning, Message = "A secret stays sealed as it is: {Problem}")]
    private partial void LogUnreadable(string problem);
}
