using System.Collections.Concurrent;
using System.IO.Compression;
using System.Text.Json;

namespace ControlPlane.Kafka.Tests.Protocol;

/// <summary>The message definitions inside the kafka-clients jar of a release: the judge of our encoders and decoders.</summary>
internal sealed class MessageDefinitions
{
    private static readonly JsonDocumentOptions WithComments = new() { CommentHandling = JsonCommentHandling.Skip };
    private static readonly ConcurrentDictionary<string, MessageDefinitions> Loaded = new(StringComparer.Ordinal);

    private readonly Dictionary<string, MessageDefinition> _byName = new(StringComparer.Ordinal);

    private MessageDefinitions(string jarPath, Func<string, string, bool> wanted)
    {
        using var jar = ZipFile.OpenRead(jarPath);
        foreach (var entry in jar.Entries)
        {
            if (entry.FullName.StartsWith("common/message/", StringComparison.Ordinal) && entry.Name.EndsWith(".json", StringComparison.Ordinal))
            {
                using var stream = entry.Open();
                using var json = JsonDocument.Parse(stream, WithComments);
                if (wanted(json.RootElement.GetProperty("type").GetString()!, entry.Name))
                {
                    var definition = MessageDefinition.Parse(json.RootElement);
                    _byName.Add(definition.Name, definition);
                }
            }
        }
    }

    public IReadOnlyCollection<MessageDefinition> All => _byName.Values;

    /// <summary>Null where the release does not have the message.</summary>
    public MessageDefinition? Find(string name) => _byName.GetValueOrDefault(name);

    /// <summary>Skips the test, or in CI fails it, where that Kafka is not on this machine.</summary>
    public static MessageDefinitions Of(string kafkaVersion) =>
        Loaded.GetOrAdd(ClientsJar(kafkaVersion), jar => new MessageDefinitions(jar, (type, file) => type is "request" or "response" && IsOurs(file)));

    /// <summary>Of the records of __consumer_offsets.</summary>
    public static MessageDefinitions OfCoordinator(string kafkaVersion) =>
        Loaded.GetOrAdd(
            Path.Combine(NeedsKafka.Home(kafkaVersion), "libs", $"kafka-group-coordinator-{kafkaVersion}.jar"),
            jar => new MessageDefinitions(jar, (type, _) => type is "data" or "coordinator-key" or "coordinator-value"));

    public static string ClientsJar(string kafkaVersion) =>
        Path.Combine(NeedsKafka.Home(kafkaVersion), "libs", $"kafka-clients-{kafkaVersion}.jar");

    private static bool IsOurs(string file) => KafkaMessage.All.Any(message => message.Name + ".json" == file);
}
