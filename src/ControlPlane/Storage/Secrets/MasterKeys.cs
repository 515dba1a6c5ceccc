using System.Security.Cryptography;

namespace ControlPlane.Storage.Secrets;

/// <summary>A 256-bit key and the short id that sealed values carry; the id is a hash, so it tells nothing.</summary>
internal sealed class MasterKey
{
    public const int Size = 32;

    public const int IdSize = 8;

    public MasterKey(byte[] secret)
    {
        Secret = secret;
        IdBytes = SHA256.HashData([.. "kcp master key id"u8, .. secret])[..IdSize];
    }

    public byte[] Secret { get; }

    public byte[] IdBytes { get; }

    public string Id => Convert.ToHexStringLower(IdBytes);

    public override string ToString() => Id;
}

/// <summary>The keys of the master key file. The first one seals; all of them open, which is how keys are rotated.</summary>
internal sealed class MasterKeys
{
    private const string HowToCreate = "Create one with: (umask 077; head -c 32 /dev/urandom | base64 > FILE), keep a copy apart from the database's backups, and set Storage:MasterKeyFile";

    private readonly IReadOnlyList<MasterKey> _keys;

    public MasterKeys(IReadOnlyList<MasterKey> keys, string source)
    {
        ArgumentOutOfRangeException.ThrowIfZero(keys.Count);
        (_keys, Source) = (keys, source);
    }

    public string Source { get; }

    public MasterKey Current => _keys[0];

    public string Ids => string.Join(", ", _keys.Select(key => key.Id));

    public IReadOnlyList<MasterKey> All => _keys;

    public MasterKey? Find(ReadOnlySpan<byte> id)
    {
        foreach (var key in _keys)
        {
            if (id.SequenceEqual(key.IdBytes))
            {
                return key;
            }
        }

        return null;
    }

    /// <summary>Reads the key file.</summary>
    /// <exception cref="StorageRefusedException">The file is missing, unreadable or holds something else; the text says what to do.</exception>
    public static MasterKeys Load(string path)
    {
        string[] lines;
        try
        {
            lines = File.ReadAllLines(path);
        }
        catch (Exception ex) when (ex is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new StorageRefusedException($"The master key file {path} does not exist. {HowToCreate}. If this database was used before, restore the file it was used with.", ex);
        }
        catch (Exception ex) when (ex is IOException or UnauthorizedAccessException)
        {
            throw new StorageRefusedException($"The master key file {path} can't be read: {ex.Message}. Make it readable for the user that runs the product (and only for that one: chmod 600).", ex);
        }

        var keys = lines
            .Select((text, index) => (Text: text.Trim(), Line: index + 1))
            .Where(line => line.Text.Length > 0 && line.Text[0] != '#')
            .Select(line => Parse(line.Text, line.Line, path))
            .ToList();
        return keys.Count > 0
            ? new MasterKeys(keys, path)
            : throw new StorageRefusedException($"The master key file {path} holds no key. Expected one base64 line of {MasterKey.Size} bytes per key. {HowToCreate}.");
    }

    private static MasterKey Parse(string text, int line, string path)
    {
        var secret = new byte[MasterKey.Size + 3];
        return Convert.TryFromBase64String(text, secret, out var length) && length == MasterKey.Size
            ? new MasterKey(secret[..MasterKey.Size])
            : throw new StorageRefusedException($"Line {line} of the master key file {path} is not a key. Expected the base64 form of {MasterKey.Size} random bytes (44 characters). {HowToCreate}.");
    }
}
