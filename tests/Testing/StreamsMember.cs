using ControlPlane.Kafka.Admin;
using ControlPlane.Kafka.Connections;
using ControlPlane.Kafka.Protocol;
using ControlPlane.Kafka.Wire;

namespace ControlPlane.Testing;

/// <summary>
/// A member of a streams group (KIP-1071) that only heartbeats, until disposed, when it leaves: Kafka's distribution brings no application
/// to run. Its application has one part, "0", that reads the given topics.
/// </summary>
public sealed class StreamsMember : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(300);

    private readonly CancellationTokenSource _stop = new();
    private readonly KafkaAdmin _admin;
    private readonly Task _running;

    public StreamsMember(KafkaAdmin admin, string group, string name, params string[] sourceTopics)
    {
        (_admin, Name) = (admin, name);
        _running = RunAsync(group, sourceTopics);
    }

    public string Name { get; }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _stop.Dispose();
    }

    private async Task RunAsync(string group, string[] sourceTopics)
    {
        var (epoch, active, standby) = (0, Array.Empty<StreamsHeartbeat.Tasks>(), Array.Empty<StreamsHeartbeat.Tasks>());
        using var beat = new PeriodicTimer(Interval);
        while (true)
        {
            var isLeaving = _stop.IsCancellationRequested;
            var answer = await SendAsync(new StreamsHeartbeat(group, Name, isLeaving ? -1 : epoch, epoch == 0 ? sourceTopics : null, active, standby));
            if (isLeaving)
            {
                return;
            }

            (epoch, active, standby) = (answer.MemberEpoch, answer.Active ?? active, answer.Standby ?? standby);
            try
            {
                await beat.WaitForNextTickAsync(_stop.Token);
            }
            catch (OperationCanceledException)
            {
                // one heartbeat more, to say good-bye
            }
        }
    }

    private async Task<StreamsHeartbeat.Answer> SendAsync(StreamsHeartbeat heartbeat)
    {
        while (true)
        {
            var found = await _admin.FetchCoordinatorsAsync([heartbeat.Group], CancellationToken.None);
            var answer = found.Values.TryGetValue(heartbeat.Group, out var broker)
                ? await _admin.Network.SendToBrokerAsync(broker, heartbeat, RequestLane.Change, CancellationToken.None)
                : new StreamsHeartbeat.Answer(ErrorCode.CoordinatorNotAvailable, null, 0, null, null);
            if (answer.Error == ErrorCode.None)
            {
                return answer;
            }

            if (answer.Error is not (ErrorCode.CoordinatorLoadInProgress or ErrorCode.CoordinatorNotAvailable or ErrorCode.NotCoordinator) || _stop.IsCancellationRequested)
            {
                throw new InvalidOperationException($"{Name} of {heartbeat.Group}: {answer.Error} {answer.Message}");
            }
        }
    }
}

/// <summary>StreamsGroupHeartbeat as far as a test needs it; StreamsGroupHeartbeatRequest.json. Topics are sent with the first one only.</summary>
internal sealed record StreamsHeartbeat(string Group, string Member, int Epoch, string[]? SourceTopics, StreamsHeartbeat.Tasks[] Active, StreamsHeartbeat.Tasks[] Standby) : IKafkaRequest<StreamsHeartbeat.Answer>
{
    private const int RebalanceTimeoutMs = 60_000;

    public ApiDescriptor Api { get; } = new((ApiKey)88, 0, 0, 0);

    public void Write(KafkaWriter writer, short version)
    {
        writer.Flexible = true;
        writer.WriteString(Group);
        writer.WriteString(Member);
        writer.WriteInt32(Epoch);
        writer.WriteInt32(0); // endpoint information
        writer.WriteNullableString(null); // instance
        writer.WriteNullableString(null); // rack
        writer.WriteInt32(RebalanceTimeoutMs);
        WriteTopology(writer);
        writer.WriteNullableArray(Active, version);
        writer.WriteNullableArray(Standby, version);
        writer.WriteNullableArray<Tasks>([], version); // warm-up
        writer.WriteNullableString(Member); // process
        writer.WriteInt8(-1); // endpoint
        writer.WriteNullableStringArray([]); // client tags
        writer.WriteNullableStringArray(null); // task offsets
        writer.WriteNullableStringArray(null); // task end offsets
        writer.WriteBool(false); // shut down
        writer.WriteEmptyTaggedFields();
    }

    public Answer ReadResponse(ref KafkaReader reader, short version)
    {
        reader.Flexible = true;
        reader.ReadInt32(); // throttle
        var (error, message) = ((ErrorCode)reader.ReadInt16(), reader.ReadNullableString());
        reader.ReadString(); // member
        var epoch = reader.ReadInt32();
        reader.ReadInt32(); // interval
        reader.ReadInt32(); // acceptable lag
        reader.ReadInt32(); // interval of task offsets
        reader.ReadNullableArray<Status>(version);
        return new Answer(error, message, epoch, reader.ReadNullableArray<Tasks>(version), reader.ReadNullableArray<Tasks>(version)); // and what of endpoints follows
    }

    private void WriteTopology(KafkaWriter writer)
    {
        if (SourceTopics is null)
        {
            writer.WriteInt8(-1);
            return;
        }

        writer.WriteInt8(1);
        writer.WriteInt32(0); // epoch
        writer.WriteArrayLength(1);
        writer.WriteString("0");
        writer.WriteStringArray(SourceTopics);
        writer.WriteStringArray([]); // expressions
        writer.WriteArrayLength(0); // changelogs
        writer.WriteStringArray([]); // repartition sinks
        writer.WriteArrayLength(0); // repartition sources
        writer.WriteArrayLength(0); // copartitioned
        writer.WriteEmptyTaggedFields();
        writer.WriteEmptyTaggedFields();
    }

    internal sealed record Answer(ErrorCode Error, string? Message, int MemberEpoch, Tasks[]? Active, Tasks[]? Standby);

    internal readonly record struct Tasks(string Subtopology, int[] Partitions) : IWireStruct<Tasks>
    {
        public static int MinSize => 3;

        public static Tasks Read(ref KafkaReader reader, short version)
        {
            var tasks = new Tasks(reader.ReadString(), reader.ReadInt32Array());
            reader.SkipTaggedFields();
            return tasks;
        }

        public void Write(KafkaWriter writer, short version)
        {
            writer.WriteString(Subtopology);
            writer.WriteInt32Array(Partitions);
            writer.WriteEmptyTaggedFields();
        }
    }

    internal readonly record struct Status(sbyte Code, string Detail) : IWireStruct<Status>
    {
        public static int MinSize => 3;

        public static Status Read(ref KafkaReader reader, short version)
        {
            var status = new Status(reader.ReadInt8(), reader.ReadString());
            reader.SkipTaggedFields();
            return status;
        }

        public void Write(KafkaWriter writer, short version) => throw new NotSupportedException();
    }
}
