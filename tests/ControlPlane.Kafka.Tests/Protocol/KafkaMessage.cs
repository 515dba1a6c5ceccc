using System.Reflection;
using ControlPlane.Kafka.Protocol;
using ControlPlane.Kafka.Wire;

namespace ControlPlane.Kafka.Tests.Protocol;

/// <summary>One of our request or response types, found by its name, with its decoder and encoder.</summary>
internal sealed class KafkaMessage
{
    private readonly Decode _decode;

    private KafkaMessage(ApiDescriptor api, Type type)
    {
        (Api, Type) = (api, type);
        _decode = typeof(KafkaMessage).GetMethod(nameof(DecodeAs), BindingFlags.NonPublic | BindingFlags.Static)!
            .MakeGenericMethod(type).CreateDelegate<Decode>();
        Encode = typeof(KafkaMessage).GetMethod(nameof(EncodeAs), BindingFlags.NonPublic | BindingFlags.Static)!
            .MakeGenericMethod(type).CreateDelegate<Action<object, KafkaWriter, short>>();
    }

    private delegate object Decode(ref KafkaReader reader, short version);

    public static IReadOnlyList<KafkaMessage> All { get; } =
        [.. from api in KafkaApis.All from kind in (string[])["Request", "Response"] select new KafkaMessage(api, TypeOf(api, kind))];

    public ApiDescriptor Api { get; }

    public Type Type { get; }

    public string Name => Type.Name;

    public bool IsRequest => Name.EndsWith("Request", StringComparison.Ordinal);

    public IEnumerable<short> Versions
    {
        get
        {
            for (var version = Api.MinVersion; version <= Api.MaxVersion; version++)
            {
                yield return version;
            }
        }
    }

    /// <summary>Writes a message of this type.</summary>
    public Action<object, KafkaWriter, short> Encode { get; }

    public object Read(ReadOnlySpan<byte> bytes, short version)
    {
        var reader = new KafkaReader(bytes);
        return _decode(ref reader, version);
    }

    public object Read(ref KafkaReader reader, short version) => _decode(ref reader, version);

    public byte[] Write(object message, short version)
    {
        using var writer = new KafkaWriter();
        Encode(message, writer, version);
        return writer.WrittenSpan.ToArray();
    }

    public override string ToString() => Name;

    private static Type TypeOf(ApiDescriptor api, string kind) =>
        typeof(KafkaApis).Assembly.GetType($"ControlPlane.Kafka.Protocol.{api.Key}{kind}")
        ?? throw new InvalidOperationException($"There is no type {api.Key}{kind} for {api.Key} of KafkaApis.All.");

    private static object DecodeAs<T>(ref KafkaReader reader, short version)
        where T : IWireMessage<T> => T.Read(ref reader, version);

    private static void EncodeAs<T>(object message, KafkaWriter writer, short version)
        where T : IWireMessage<T> => ((T)message).Write(writer, version);
}
