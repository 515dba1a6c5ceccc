namespace ControlPlane.Engine.Analyzer.Files;

/// <summary>Fields of a partition line. The last four, min.insync.replicas and the estimate are ours: an export keeps what it knows.</summary>
internal enum PartitionField
{
    Other,
    Topic,
    Partition,
    Replicas,
    Leader,
    LogDirs,
    Size,
    BytesIn,
    BytesOut,
    Cpu,
    FollowerCpu,
    Estimated,
    MinInSync,
    OutOfSync,
    Offline,
    Adding,
    Removing,
}

/// <summary>Finds a field by its name, by length first: there are millions of them.</summary>
internal static class PartitionFields
{
    public static PartitionField Of(ReadOnlySpan<byte> name) => name.Length switch
    {
        3 when name.SequenceEqual("cpu"u8) => PartitionField.Cpu,
        4 when name.SequenceEqual("size"u8) => PartitionField.Size,
        5 when name.SequenceEqual("topic"u8) => PartitionField.Topic,
        6 when name.SequenceEqual("leader"u8) => PartitionField.Leader,
        6 when name.SequenceEqual("adding"u8) => PartitionField.Adding,
        7 when name.SequenceEqual("bytesIn"u8) => PartitionField.BytesIn,
        7 when name.SequenceEqual("logDirs"u8) => PartitionField.LogDirs,
        7 when name.SequenceEqual("offline"u8) => PartitionField.Offline,
        8 when name.SequenceEqual("replicas"u8) => PartitionField.Replicas,
        8 when name.SequenceEqual("bytesOut"u8) => PartitionField.BytesOut,
        8 when name.SequenceEqual("removing"u8) => PartitionField.Removing,
        9 when name.SequenceEqual("partition"u8) => PartitionField.Partition,
        9 when name.SequenceEqual("estimated"u8) => PartitionField.Estimated,
        9 when name.SequenceEqual("minInSync"u8) => PartitionField.MinInSync,
        9 when name.SequenceEqual("outOfSync"u8) => PartitionField.OutOfSync,
        11 when name.SequenceEqual("followerCpu"u8) => PartitionField.FollowerCpu,
        _ => PartitionField.Other,
    };
}
