using ControlPlane.Engine.Lag.Feed;

namespace ControlPlane.Engine.Lag.Memory;

/// <summary>What records of the offsets topic say of groups, in bytes.</summary>
internal static class FactCodec
{
    private const int Kinds = (int)GroupKind.Streams + 1;

    public static void Write(MemoryWriter to, GroupFact fact)
    {
        switch (fact)
        {
            case GroupFact.Classic classic:
                to.Number(0);
                to.Text(classic.ProtocolType);
                to.Text(classic.Protocol);
                to.Signed(classic.Generation);
                to.OrUnknown(classic.StateTimestampMs ?? -1);
                List(to, classic.Members, Member);
                break;
            case GroupFact.Epoch epoch:
                to.Number(1);
                to.Count((int)epoch.Of);
                to.Signed(epoch.Value);
                break;
            case GroupFact.Member member:
                to.Number(2);
                to.Count((int)member.Of);
                Member(to, member.Is);
                to.Text(member.Expression);
                break;
            case GroupFact.Assignment assignment:
                to.Number(3);
                to.Count((int)assignment.Of);
                to.Signed(assignment.MemberEpoch);
                List(to, assignment.Assigned, Assigned);
                break;
            case GroupFact.Tasks tasks:
                to.Number(4);
                to.Signed(tasks.MemberEpoch);
                List(to, tasks.Active, (writer, task) =>
                {
                    writer.Text(task.Subtopology);
                    List(writer, task.Partitions, Int);
                });
                break;
            case GroupFact.Topology topology:
                to.Number(5);
                List(to, [.. topology.SourceTopics], (writer, part) =>
                {
                    writer.Text(part.Key);
                    List(writer, part.Value, Text);
                });
                break;
            case GroupFact.Resolved resolved:
                to.Number(6);
                List(to, resolved.Topics, Text);
                break;
            case GroupFact.Other other:
                to.Number(7);
                to.Count((int)other.Of);
                break;
            default:
                throw new InvalidOperationException($"Unhandled fact {fact.GetType().Name}");
        }
    }

    public static GroupFact Read(ref MemoryReader from) => from.Number() switch
    {
        0 => new GroupFact.Classic(from.TextOrNull(), from.TextOrNull(), from.Int(), Known(from.OrUnknown()), List(ref from, Member)),
        1 => new GroupFact.Epoch(Kind(ref from), from.Int()),
        2 => new GroupFact.Member(Kind(ref from), Member(ref from), from.TextOrNull()),
        3 => new GroupFact.Assignment(Kind(ref from), from.Int(), List(ref from, Assigned)),
        4 => new GroupFact.Tasks(from.Int(), List(ref from, (ref reader) => (reader.Text(), (IReadOnlyList<int>)List(ref reader, Int)))),
        5 => new GroupFact.Topology(Topology(List(ref from, (ref reader) => (Name: reader.Text(), Topics: List(ref reader, Text))))),
        6 => new GroupFact.Resolved(List(ref from, Text)),
        7 => new GroupFact.Other(Kind(ref from)),
        _ => throw MemoryReader.Wrong("it tells something of a group that is not known here"),
    };

    private delegate T Reading<T>(ref MemoryReader from);

    private static Dictionary<string, IReadOnlyList<string>> Topology(List<(string Name, List<string> Topics)> parts)
    {
        var sources = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
        parts.ForEach(part => sources[part.Name] = part.Topics);
        return sources;
    }

    private static void Member(MemoryWriter to, GroupMember member)
    {
        to.Text(member.MemberId);
        to.Text(member.InstanceId);
        to.Text(member.ClientId);
        to.Text(member.ClientHost);
        to.Text(member.RackId);
        Optional(to, member.Subscribed, Text);
        to.Number(member.Epoch is null ? 0UL : 1);
        to.Signed(member.Epoch ?? 0);
        Optional(to, member.Assigned, Assigned);
    }

    private static GroupMember Member(ref MemoryReader from)
    {
        var member = new GroupMember(from.Text(), from.TextOrNull(), from.Text(), from.Text(), from.TextOrNull()) { Subscribed = Optional(ref from, Text) };
        var (hasEpoch, epoch) = (from.Index(2) == 1, from.Int());
        return member with { Epoch = hasEpoch ? epoch : null, Assigned = Optional(ref from, Assigned) };
    }

    private static void Assigned(MemoryWriter to, AssignedPartitions assigned)
    {
        to.Text(assigned.Topic);
        to.Number(assigned.TopicId is null ? 0UL : 1);
        to.Id(assigned.TopicId ?? Guid.Empty);
        List(to, assigned.Partitions, Int);
    }

    private static AssignedPartitions Assigned(ref MemoryReader from)
    {
        var (topic, hasId, id) = (from.TextOrNull(), from.Index(2) == 1, from.Id());
        return new AssignedPartitions(topic, hasId ? id : null, List(ref from, Int));
    }

    private static void Int(MemoryWriter to, int value) => to.Signed(value);

    private static int Int(ref MemoryReader from) => from.Int();

    private static void Text(MemoryWriter to, string value) => to.Text(value);

    private static string Text(ref MemoryReader from) => from.Text();

    private static GroupKind Kind(ref MemoryReader from) => (GroupKind)from.Index(Kinds);

    private static long? Known(long value) => value < 0 ? null : value;

    private static void Optional<T>(MemoryWriter to, IReadOnlyList<T>? items, Action<MemoryWriter, T> write)
    {
        to.Number(items is null ? 0UL : 1);
        List(to, items ?? [], write);
    }

    private static List<T>? Optional<T>(ref MemoryReader from, Reading<T> read)
    {
        var isThere = from.Index(2) == 1;
        var items = List(ref from, read);
        return isThere ? items : null;
    }

    private static void List<T>(MemoryWriter to, IReadOnlyList<T> items, Action<MemoryWriter, T> write)
    {
        to.Count(items.Count);
        foreach (var item in items)
        {
            write(to, item);
        }
    }

    private static List<T> List<T>(ref MemoryReader from, Reading<T> read)
    {
        var count = from.Count();
        var items = new List<T>(Math.Min(count, 1024)); // what counts too much ends early, and must not take memory before
        for (var i = 0; i < count; i++)
        {
            items.Add(read(ref from));
        }

        return items;
    }
}
