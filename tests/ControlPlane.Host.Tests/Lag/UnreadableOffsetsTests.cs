using Confluent.Kafka.Admin;
using ControlPlane.Host.Tests.Connectivity;
using ControlPlane.Kafka.Connections;
using ControlPlane.Kafka.Tail;
using ControlPlane.Testing;

namespace ControlPlane.Host.Tests.Lag;

/// <summary>A principal that may not read the offsets topic: told as that, and gone on with when the right is granted.</summary>
public sealed class UnreadableOffsetsTests
{
    [Fact]
    public async Task A_topic_without_rights_is_told_apart_and_followed_once_they_are_granted()
    {
        await using var kafka = await RealClusters.StartAsync(new RealKafkaOptions { Secure = true });
        var security = kafka.Security!;
        using var owner = new RealKafkaClient(Settings(security, SaslMechanism.ScramSha512, SecureListeners.AdminUser, SecureListeners.AdminPassword).ToLibrdkafka());
        await owner.CreateTopicAsync("orders", 1, 1);
        owner.Commit("group", ("orders", 0, 4));
        await using var alice = new FollowedCluster(Settings(security, SaslMechanism.Plain, SecureListeners.PlainUser, SecureListeners.PlainPassword));

        await alice.UntilAsync(() => alice.Tail.Status.State == TopicTailState.Unauthorized, "unauthorized");
        Assert.Contains("needs Describe and Read on the topic", alice.Tail.Status.Problem, StringComparison.Ordinal);
        await GrantAsync(owner, AclOperation.Describe);
        await alice.UntilAsync(() => alice.Tail.Status.Problem?.Contains("needs Read on Topic", StringComparison.Ordinal) == true, "described, not read");
        Assert.Equal(TopicTailState.Unauthorized, alice.Tail.Status.State);
        await GrantAsync(owner, AclOperation.Read);
        await alice.UntilAsync(() => alice.Tail.Status.IsCaughtUp, "caught up with rights");

        Assert.Equal(4, alice.Book.OffsetsOf("group")[("orders", 0)]);
        Assert.Null(alice.Tail.Status.Problem);
    }

    private static Task GrantAsync(RealKafkaClient owner, AclOperation operation) => owner.Admin.CreateAclsAsync(
    [
        new AclBinding
        {
            Pattern = new ResourcePattern { Type = ResourceType.Topic, Name = TopicTailOptions.OffsetsTopic, ResourcePatternType = ResourcePatternType.Literal },
            Entry = new AccessControlEntry { Principal = $"User:{SecureListeners.PlainUser}", Host = "*", Operation = operation, PermissionType = AclPermissionType.Allow },
        },
    ]);

    private static KafkaConnectionSettings Settings(SecureListeners security, SaslMechanism mechanism, string user, string password) => new()
    {
        BootstrapServers = [security.SaslSsl],
        SecurityProtocol = SecurityProtocol.SaslSsl,
        SaslMechanism = mechanism,
        Username = user,
        Password = password,
        CaPem = security.Certificates.CaPem,
    };
}
