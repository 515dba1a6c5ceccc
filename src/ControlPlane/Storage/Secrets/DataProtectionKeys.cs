using System.Text;
using System.Xml.Linq;
using ControlPlane.Storage.Tables;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Microsoft.AspNetCore.DataProtection.XmlEncryption;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace ControlPlane.Storage.Secrets;

/// <summary>Keeps ASP.NET's cookie keys in PostgreSQL, so that a login at one process holds at all of them.</summary>
internal sealed class DataProtectionKeyRepository(IDbContextFactory<StorageContext> contexts, StorageState state) : IXmlRepository
{
    /// <summary>The framework asks while the product starts, when the table may be a moment away.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    // The framework's interface is synchronous; it is called at start and then about once a day.
    public IReadOnlyCollection<XElement> GetAllElements()
    {
        if (!state.WaitUntilReady(Patience))
        {
            throw new StorageUnavailableException(
                StorageFault.Starting, $"The keys of login cookies can't be read yet. {state.Status.Problem ?? "The database is being prepared."}", null);
        }

        using var context = contexts.CreateDbContext();
        return context.DataProtectionKeys.AsNoTracking().OrderBy(row => row.Id).Select(row => row.Xml).ToList().ConvertAll(XElement.Parse);
    }

    public void StoreElement(XElement element, string friendlyName)
    {
        using var context = contexts.CreateDbContext();
        context.Add(new DataProtectionKeyRow { FriendlyName = friendlyName, Xml = element.ToString(SaveOptions.DisableFormatting) });
        context.SaveChanges();
    }
}

/// <summary>Seals the cookie keys with the master key before they reach the table.</summary>
internal sealed class SecretBoxXmlEncryptor(SecretBox secretBox) : IXmlEncryptor
{
    public const string Purpose = "data_protection_keys";

    public const string ElementName = "sealedKey";

    public EncryptedXmlInfo Encrypt(XElement plaintextElement)
    {
        var plain = Encoding.UTF8.GetBytes(plaintextElement.ToString(SaveOptions.DisableFormatting));
        var box = secretBox.Seal(Purpose, ElementName, plain);
        return new EncryptedXmlInfo(new XElement(ElementName, Convert.ToBase64String(box)), typeof(SecretBoxXmlDecryptor));
    }
}

/// <summary>Made by the framework from its type name, hence the constructor over the service provider.</summary>
internal sealed class SecretBoxXmlDecryptor(IServiceProvider services) : IXmlDecryptor
{
    public XElement Decrypt(XElement encryptedElement)
    {
        var box = Convert.FromBase64String(encryptedElement.Value);
        var plain = services.GetRequiredService<SecretBox>().Open(SecretBoxXmlEncryptor.Purpose, SecretBoxXmlEncryptor.ElementName, box);
        return XElement.Parse(Encoding.UTF8.GetString(plain));
    }
}

internal sealed class ConfigureDataProtectionKeys(DataProtectionKeyRepository repository, SecretBox secretBox)
    : IConfigureOptions<KeyManagementOptions>
{
    public void Configure(KeyManagementOptions options)
    {
        options.XmlRepository = repository;
        options.XmlEncryptor = new SecretBoxXmlEncryptor(secretBox);
    }
}
