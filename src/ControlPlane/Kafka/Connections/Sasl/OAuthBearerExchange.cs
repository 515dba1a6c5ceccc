using System.Text;

namespace ControlPlane.Kafka.Connections.Sasl;

/// <summary>RFC 7628. A server that refuses the token says why in JSON, waits for one byte and only then fails the login.</summary>
internal sealed class OAuthBearerExchange(string token, IReadOnlyDictionary<string, string> extensions) : ISaslExchange
{
    private const char Separator = '\u0001';
    private const int MaxRemark = 300;

    public SaslMechanism Mechanism => SaslMechanism.OAuthBearer;

    public string? ServerRemark { get; private set; }

    public byte[] Start()
    {
        var message = new StringBuilder("n,,").Append(Separator).Append("auth=Bearer ").Append(token).Append(Separator);
        foreach (var (key, value) in extensions)
        {
            message.Append(key).Append('=').Append(value).Append(Separator);
        }

        return Encoding.UTF8.GetBytes(message.Append(Separator).ToString());
    }

    public byte[]? Respond(ReadOnlySpan<byte> challenge)
    {
        if (challenge.IsEmpty)
        {
            return null;
        }

        if (ServerRemark is not null)
        {
            throw new SaslException("The server refused the token twice in one login.");
        }

        var remark = Encoding.UTF8.GetString(challenge[..Math.Min(MaxRemark, challenge.Length)]);
        ServerRemark = new string([.. remark.Where(letter => !char.IsControl(letter))]);
        return [(byte)Separator];
    }
}
