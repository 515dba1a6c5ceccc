using System.Security.Cryptography;
using System.Text;

namespace ControlPlane.Storage.Secrets;

/// <summary>A stored secret can't be decrypted with the keys at hand; the text says what to do.</summary>
internal sealed class SecretUnreadableException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>
/// Seals small secrets with AES-256-GCM: version, key id, nonce, tag, ciphertext. Table and row are authenticated with
/// it, so a sealed value copied to another row does not open.
/// </summary>
internal sealed class SecretBox(Lazy<MasterKeys> masterKeys)
{
    private const byte Version = 1;
    private const int NonceSize = 12;
    private const int TagSize = 16;
    private const int HeaderSize = 1 + MasterKey.IdSize + NonceSize + TagSize;

    public byte[] Seal(string purpose, string id, ReadOnlySpan<byte> plain)
    {
        var key = masterKeys.Value.Current;
        var output = new byte[HeaderSize + plain.Length];
        output[0] = Version;
        key.IdBytes.CopyTo(output.AsSpan(1));
        var nonce = output.AsSpan(1 + MasterKey.IdSize, NonceSize);
        RandomNumberGenerator.Fill(nonce);
        using var aes = new AesGcm(key.Secret, TagSize);
        aes.Encrypt(nonce, plain, output.AsSpan(HeaderSize), output.AsSpan(HeaderSize - TagSize, TagSize), Context(purpose, id));
        return output;
    }

    /// <summary>Whether the box was sealed with the first key of the file.</summary>
    public bool IsCurrent(ReadOnlySpan<byte> box) =>
        box.Length >= HeaderSize && box[0] == Version && box.Slice(1, MasterKey.IdSize).SequenceEqual(masterKeys.Value.Current.IdBytes);

    public byte[] Open(string purpose, string id, ReadOnlySpan<byte> box)
    {
        if (box.Length < HeaderSize || box[0] != Version)
        {
            throw new SecretUnreadableException(
                $"{purpose} of '{id}' is not in a format this version knows ({box.Length} bytes). Expected version {Version}: it was written by a newer version or damaged. Enter the secret again.");
        }

        var keys = masterKeys.Value;
        var keyId = box.Slice(1, MasterKey.IdSize);
        var key = keys.Find(keyId) ?? throw new SecretUnreadableException(
            $"{purpose} of '{id}' was encrypted with master key {Convert.ToHexStringLower(keyId)}, which is not in {keys.Source} (it holds {keys.Ids}). "
            + "Add the lost key to the file as a further line and restart, or enter the secret again.");
        var plain = new byte[box.Length - HeaderSize];
        try
        {
            using var aes = new AesGcm(key.Secret, TagSize);
            aes.Decrypt(
                box.Slice(1 + MasterKey.IdSize, NonceSize), box[HeaderSize..], box.Slice(HeaderSize - TagSize, TagSize), plain, Context(purpose, id));
            return plain;
        }
        catch (AuthenticationTagMismatchException ex)
        {
            throw new SecretUnreadableException(
                $"{purpose} of '{id}' was changed or moved outside the product: its seal does not match. Enter the secret again.", ex);
        }
    }

    private static byte[] Context(string purpose, string id) => Encoding.UTF8.GetBytes($"kcp\0{purpose}\0{id}");
}
