namespace ControlPlane.Kafka.OffsetsTopic;

/// <summary>
/// Keys and values of offset commits, all versions (OffsetCommitKey.json, OffsetCommitValue.json). What follows the last
/// field is passed over, as the coordinator itself does.
/// </summary>
internal static class OffsetCommitDecoder
{
    private const short NewestVersion = 4;
    private const short FirstFlexible = 4;
    private const uint TopicIdTag = 0;
    private const int UuidSize = 16;

    public static DecodeOutcome Decode(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, bool isTombstone, out OffsetCommit commit)
    {
        commit = default;
        var cursor = new SpanCursor(key);
        cursor.Int16(); // the type, which the caller has judged
        var group = cursor.Text();
        var topic = cursor.Text();
        var partition = cursor.Int32();
        if (cursor.IsBroken || partition < 0)
        {
            return DecodeOutcome.Malformed;
        }

        if (isTombstone)
        {
            commit = new OffsetCommit { Group = group, Topic = topic, Partition = partition, IsTombstone = true };
            return DecodeOutcome.Decoded;
        }

        return DecodeValue(value, group, topic, partition, out commit);
    }

    private static DecodeOutcome DecodeValue(
        ReadOnlySpan<byte> value, ReadOnlySpan<byte> group, ReadOnlySpan<byte> topic, int partition, out OffsetCommit commit)
    {
        commit = default;
        var cursor = new SpanCursor(value);
        var version = cursor.Int16();
        if (cursor.IsBroken)
        {
            return DecodeOutcome.Malformed;
        }

        if (version is < 0 or > NewestVersion)
        {
            return DecodeOutcome.UnknownVersion;
        }

        var offset = cursor.Int64();
        var leaderEpoch = version >= 3 ? cursor.Int32() : -1;
        var metadata = version >= FirstFlexible ? cursor.CompactText() : cursor.Text();
        var commitTimestamp = cursor.Int64();
        var expireTimestamp = version == 1 ? cursor.Int64() : -1;
        var topicId = version >= FirstFlexible ? TopicId(ref cursor) : Guid.Empty;
        if (cursor.IsBroken)
        {
            return DecodeOutcome.Malformed;
        }

        commit = new OffsetCommit
        {
            Group = group,
            Topic = topic,
            Partition = partition,
            Version = version,
            Offset = offset,
            LeaderEpoch = leaderEpoch,
            Metadata = metadata,
            CommitTimestamp = commitTimestamp,
            ExpireTimestamp = expireTimestamp,
            TopicId = topicId,
        };
        return DecodeOutcome.Decoded;
    }

    private static Guid TopicId(ref SpanCursor cursor)
    {
        var id = Guid.Empty;
        for (var left = cursor.UnsignedVarint(); left > 0 && !cursor.IsBroken; left--)
        {
            var tag = cursor.UnsignedVarint();
            var field = cursor.Take(cursor.UnsignedVarint());
            if (tag == TopicIdTag && field.Length == UuidSize)
            {
                id = new Guid(field, bigEndian: true);
            }
        }

        return id;
    }
}
