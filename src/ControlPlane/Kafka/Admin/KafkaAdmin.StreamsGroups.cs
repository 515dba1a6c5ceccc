using ControlPlane.Kafka.Connections;
using ControlPlane.Kafka.Protocol;

namespace ControlPlane.Kafka.Admin;

public sealed partial class KafkaAdmin
{
    private const string StreamsType = "streams";

    private async Task<GroupAnswers<GroupDescription>> AskStreamsAsync(int brokerId, string[] batch, CancellationToken cancellationToken)
    {
        var response = await network.SendToBrokerAsync(brokerId, new StreamsGroupDescribeRequest(batch), RequestLane.Bulk, cancellationToken);
        var answers = response.Groups.Select(group => new GroupAnswer<GroupDescription>(
            group.GroupId,
            group.ErrorCode,
            group.ErrorMessage,
            new GroupDescription(group.GroupId, StreamsType, group.GroupState, "", brokerId, [.. StreamsMembers(group)]) { GroupEpoch = group.GroupEpoch, AssignmentEpoch = group.AssignmentEpoch }));
        return new GroupAnswers<GroupDescription>([.. answers], response.Groups.Sum(group => group.Members.Length), response.ThrottleTimeMs);
    }

    /// <summary>Who reads a partition is who has the active task of its number; the others only keep copies of state.</summary>
    private static IEnumerable<GroupMember> StreamsMembers(StreamsGroupDescribeResponse.Group group)
    {
        var sources = (group.Topology?.Subtopologies ?? []).ToDictionary(
            part => part.SubtopologyId, part => (string[])[.. part.SourceTopics, .. part.RepartitionSourceTopics.Select(topic => topic.Name)], StringComparer.Ordinal);
        foreach (var member in group.Members)
        {
            StreamsTasks[] tasks =
            [
                .. Tasks("active", member.Assignment.ActiveTasks), .. Tasks("standby", member.Assignment.StandbyTasks), .. Tasks("warm-up", member.Assignment.WarmupTasks),
            ];
            var read = from task in tasks
                       where task.Kind == "active"
                       from topic in task.SourceTopics
                       select new TopicPartitions(topic, [.. task.Partitions]);
            yield return new GroupMember(member.MemberId, member.InstanceId, member.RackId, member.ClientId, member.ClientHost, [.. read]) { Tasks = tasks };
        }

        IEnumerable<StreamsTasks> Tasks(string kind, StreamsGroupDescribeResponse.TaskIds[] tasks) =>
            tasks.Select(task => new StreamsTasks(kind, task.SubtopologyId, task.Partitions, sources.GetValueOrDefault(task.SubtopologyId) ?? []));
    }
}
