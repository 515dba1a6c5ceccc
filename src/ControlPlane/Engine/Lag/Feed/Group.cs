namespace ControlPlane.Engine.Lag.Feed;

/// <summary>One group inside a feed: the records it has, and how many offsets.</summary>
internal sealed class Group(string id)
{
    public string Id => id;

    public Dictionary<GroupRecordKey, GroupFact> Facts { get; } = [];

    public int OffsetCount { get; set; }

    /// <summary>Of the record written last: while a group changes its protocol it can have records of both.</summary>
    public GroupKind Latest { get; set; }

    /// <summary>The events have told more of it than its offsets.</summary>
    public bool WasDescribed { get; set; }

    public GroupState Describe()
    {
        var kind = Facts.Values.Any(fact => fact.Kind == Latest) ? Latest : Facts.Values.Select(fact => fact.Kind).FirstOrDefault();
        if (Facts.Values.OfType<GroupFact.Classic>().FirstOrDefault() is { } classic && kind == GroupKind.Classic)
        {
            return new GroupState(id, kind, classic.ProtocolType, classic.Protocol, classic.Generation, classic.StateTimestampMs, classic.Members);
        }

        var epoch = Facts.Values.OfType<GroupFact.Epoch>().FirstOrDefault(fact => fact.Of == kind)?.Value;
        return new GroupState(id, kind, null, null, epoch, null, Members());
    }

    private List<GroupMember> Members()
    {
        var expressions = Facts.Where(pair => pair.Value is GroupFact.Resolved)
            .ToDictionary(pair => pair.Key.Member ?? "", pair => ((GroupFact.Resolved)pair.Value).Topics, StringComparer.Ordinal);
        var assignments = Facts.Where(pair => pair.Value is GroupFact.Assignment or GroupFact.Tasks).ToLookup(pair => pair.Key.Member ?? "", pair => pair.Value, StringComparer.Ordinal);
        var topology = Facts.Values.OfType<GroupFact.Topology>().FirstOrDefault();
        var members = new List<GroupMember>();
        foreach (var (key, fact) in Facts)
        {
            if (fact is GroupFact.Member member)
            {
                var topics = member.Is.Subscribed;
                if (member.Expression is { } expression && expressions.TryGetValue(expression, out var resolved))
                {
                    topics = [.. (topics ?? []).Union(resolved, StringComparer.Ordinal)];
                }

                members.Add(With(member.Is with { Subscribed = topics }, assignments[key.Member ?? ""].FirstOrDefault(), topology));
            }
        }

        return members;
    }

    private static GroupMember With(GroupMember member, GroupFact? assignment, GroupFact.Topology? topology) => assignment switch
    {
        GroupFact.Assignment has => member with { Epoch = has.MemberEpoch, Assigned = has.Assigned },
        GroupFact.Tasks tasks => member with { Epoch = tasks.MemberEpoch, Subscribed = topology?.SourceTopics.Values.SelectMany(all => all).Distinct(StringComparer.Ordinal).ToList(), Assigned = Assigned(tasks, topology) },
        _ => member,
    };

    /// <summary>A task reads its partition of every source topic of its subtopology.</summary>
    private static List<AssignedPartitions>? Assigned(GroupFact.Tasks tasks, GroupFact.Topology? topology) =>
        topology is null ? null :
        [
            .. from task in tasks.Active
               from topic in topology.SourceTopics.GetValueOrDefault(task.Subtopology) ?? []
               select new AssignedPartitions(topic, null, task.Partitions),
        ];
}
