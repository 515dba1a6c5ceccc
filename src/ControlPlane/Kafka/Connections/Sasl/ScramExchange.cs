using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace ControlPlane.Kafka.Connections.Sasl;

/// <summary>
/// RFC 5802 and RFC 7677 without channel binding. The server must prove that it knows the password too: without that proof
/// the login counts as failed.
/// </summary>
internal sealed class ScramExchange : ISaslExchange
{
    public const int MinIterations = 4_096;

    /// <summary>Kafka itself stops at 16,384. A hostile server could otherwise keep a processor busy for hours.</summary>
    public const int MaxIterations = 131_072;

    private const string Gs2Header = "n,,";

    private readonly HashAlgorithmName _hash;
    private readonly byte[] _password;
    private readonly string _nonce;
    private readonly string _firstBare;
    private byte[]? _serverSignature;

    public ScramExchange(SaslMechanism mechanism, string username, string password)
        : this(mechanism, Hash(mechanism), username, password, Convert.ToBase64String(RandomNumberGenerator.GetBytes(24)))
    {
    }

    internal ScramExchange(SaslMechanism mechanism, HashAlgorithmName hash, string username, string password, string nonce)
    {
        Mechanism = mechanism;
        _hash = hash;
        _password = Encoding.UTF8.GetBytes(password); // Kafka applies no SASLprep
        _nonce = nonce;
        var escaped = username.Replace("=", "=3D", StringComparison.Ordinal).Replace(",", "=2C", StringComparison.Ordinal);
        _firstBare = $"n={escaped},r={nonce}";
    }

    public SaslMechanism Mechanism { get; }

    public byte[] Start() => Encoding.UTF8.GetBytes(Gs2Header + _firstBare);

    public byte[]? Respond(ReadOnlySpan<byte> challenge)
    {
        var message = Encoding.UTF8.GetString(challenge);
        if (_serverSignature is null)
        {
            return Prove(message);
        }

        Verify(message);
        return null;
    }

    private byte[] Prove(string serverFirst)
    {
        var fields = Fields(serverFirst);
        var nonce = Field(fields, 'r');
        if (!nonce.StartsWith(_nonce, StringComparison.Ordinal) || nonce.Length == _nonce.Length)
        {
            throw new SaslException("The server's SCRAM nonce does not extend ours: its answer belongs to another login.");
        }

        var salt = Base64(Field(fields, 's'), "salt");
        if (!int.TryParse(Field(fields, 'i'), NumberStyles.None, CultureInfo.InvariantCulture, out var iterations)
            || iterations is < MinIterations or > MaxIterations)
        {
            throw new SaslException($"The server asks for {Field(fields, 'i')} SCRAM iterations; expected {MinIterations} to {MaxIterations}.");
        }

        var size = CryptographicOperations.HashData(_hash, []).Length;
        var salted = Rfc2898DeriveBytes.Pbkdf2(_password, salt, iterations, _hash, size);
        var clientKey = Hmac(salted, "Client Key");
        var storedKey = CryptographicOperations.HashData(_hash, clientKey);
        var finalWithoutProof = $"c={Convert.ToBase64String(Encoding.UTF8.GetBytes(Gs2Header))},r={nonce}";
        var transcript = $"{_firstBare},{serverFirst},{finalWithoutProof}";
        var proof = Hmac(storedKey, transcript);
        for (var i = 0; i < proof.Length; i++)
        {
            proof[i] ^= clientKey[i];
        }

        _serverSignature = Hmac(Hmac(salted, "Server Key"), transcript);
        return Encoding.UTF8.GetBytes($"{finalWithoutProof},p={Convert.ToBase64String(proof)}");
    }

    private void Verify(string serverFinal)
    {
        var fields = Fields(serverFinal);
        if (fields.TryGetValue('e', out var error))
        {
            throw new SaslException($"The server refused the SCRAM proof: {error}.");
        }

        if (!CryptographicOperations.FixedTimeEquals(Base64(Field(fields, 'v'), "signature"), _serverSignature))
        {
            throw new SaslException("The server could not prove that it knows the password: it may be an impostor.");
        }
    }

    private static HashAlgorithmName Hash(SaslMechanism mechanism) => mechanism switch
    {
        SaslMechanism.ScramSha256 => HashAlgorithmName.SHA256,
        SaslMechanism.ScramSha512 => HashAlgorithmName.SHA512,
        _ => throw new ArgumentOutOfRangeException(nameof(mechanism), mechanism, "Not a SCRAM mechanism"),
    };

    private static Dictionary<char, string> Fields(string message)
    {
        var fields = new Dictionary<char, string>();
        foreach (var part in message.Split(','))
        {
            if (part.Length < 2 || part[1] != '=' || !fields.TryAdd(part[0], part[2..]))
            {
                throw new SaslException("The server's SCRAM message is not a list of name=value pairs.");
            }
        }

        return fields.ContainsKey('m') ? throw new SaslException("The server demands a SCRAM extension that does not exist.") : fields;
    }

    private static string Field(Dictionary<char, string> fields, char name) =>
        fields.TryGetValue(name, out var value) ? value : throw new SaslException($"The server's SCRAM message lacks the field '{name}'.");

    private static byte[] Base64(string text, string what)
    {
        try
        {
            return Convert.FromBase64String(text);
        }
        catch (FormatException)
        {
            throw new SaslException($"The server's SCRAM {what} is not Base64.");
        }
    }

    private byte[] Hmac(byte[] key, string text) => CryptographicOperations.HmacData(_hash, key, Encoding.UTF8.GetBytes(text));
}
