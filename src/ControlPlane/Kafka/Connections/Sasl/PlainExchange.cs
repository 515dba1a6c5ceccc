using System.Text;

namespace ControlPlane.Kafka.Connections.Sasl;

/// <summary>RFC 4616: user name and password as they are. Only TLS protects them.</summary>
internal sealed class PlainExchange(string username, string password) : ISaslExchange
{
    public SaslMechanism Mechanism => SaslMechanism.Plain;

    public byte[] Start() => Encoding.UTF8.GetBytes($"\0{username}\0{password}");

    public byte[]? Respond(ReadOnlySpan<byte> challenge) => null;
}
