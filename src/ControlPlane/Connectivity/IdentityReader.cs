using System.Collections.Immutable;
using ControlPlane.Engine.Model;
using ControlPlane.Engine.Sampling;
using ControlPlane.Kafka.Admin;
using ControlPlane.Kafka.Connections;
using ControlPlane.Kafka.Protocol;

namespace ControlPlane.Connectivity;

/// <summary>Finds out what a cluster is, what it can do, and which permissions are missing, with the cheapest request of each kind.</summary>
internal sealed class IdentityReader(KafkaAdmin admin)
{
    private readonly ImmutableArray<MissingPermission>.Builder _missing = ImmutableArray.CreateBuilder<MissingPermission>();
    private readonly ImmutableArray<SampleFailure>.Builder _failures = ImmutableArray.CreateBuilder<SampleFailure>();

    /// <summary>As kafka-acls names it; what certificates and tokens are mapped to only the brokers know.</summary>
    private string Principal => admin.Network.Settings.Username is { Length: > 0 } user ? $"'User:{user}'" : "'User:<principal of this connection>'";

    public async Task<Part<IdentitySample>> ReadAsync(CancellationToken cancellationToken)
    {
        var metadata = await admin.FetchMetadataAsync([], cancellationToken);
        var capabilities = await admin.FetchCapabilitiesAsync(cancellationToken);
        _failures.AddRange(SampleFailures.Of("ApiVersions", capabilities.Brokers.Failures));
        if (metadata.Brokers.Length > 0)
        {
            await CheckPermissionsAsync(metadata.Brokers[0].NodeId, cancellationToken);
        }

        var sample = new IdentitySample(
            metadata.ClusterId,
            capabilities.Release,
            capabilities.IsKRaft switch { true => "kraft", false => "zookeeper", null => null },
            metadata.Brokers.Length,
            Capabilities(capabilities),
            _missing.ToImmutable());
        return new Part<IdentitySample>(sample, SampleFailures.Bounded(_failures.ToImmutable()));
    }

    /// <summary>Topics and groups that may not be described are left out of lists without a word, so only what is refused aloud shows here.</summary>
    private async Task CheckPermissionsAsync(int broker, CancellationToken cancellationToken)
    {
        await TryAsync(
            "DescribeLogDirs",
            new MissingPermission(
                "Describe", "cluster", "log dirs, disk use, running reassignments, the quorum, and groups that are not granted one by one stay unknown",
                $"--add --allow-principal {Principal} --operation Describe --cluster"),
            async () => (await admin.FetchLogDirsAsync([broker], [], cancellationToken)).Failures.Values.FirstOrDefault());
        await TryAsync(
            "DescribeConfigs",
            new MissingPermission(
                "DescribeConfigs", "cluster", "the configs of brokers stay unknown",
                $"--add --allow-principal {Principal} --operation DescribeConfigs --cluster"),
            async () => (await admin.FetchConfigsAsync([ConfigResource.Broker(broker)], ["log.dirs"], cancellationToken)).Failures.Values.FirstOrDefault());
    }

    private async Task TryAsync(string api, MissingPermission needed, Func<Task<KafkaClientException?>> ask)
    {
        KafkaClientException? failure;
        try
        {
            failure = await ask();
        }
        catch (KafkaClientException ex)
        {
            failure = ex;
        }

        if (failure is null)
        {
            return;
        }

        if (SampleFailures.KindOf(failure) == FailureKind.Unauthorized)
        {
            _missing.Add(needed);
        }
        else
        {
            _failures.Add(SampleFailures.Of(null, api, failure));
        }
    }

    private static ImmutableArray<string> Capabilities(KafkaCapabilities capabilities)
    {
        (string Name, ApiDescriptor Api)[] all =
        [
            ("reassignments", AlterPartitionReassignmentsRequest.Descriptor),
            ("log dirs", DescribeLogDirsRequest.Descriptor),
            ("log dir moves", AlterReplicaLogDirsRequest.Descriptor),
            ("leader election", ElectLeadersRequest.Descriptor),
            ("quorum", DescribeQuorumRequest.Descriptor),
            ("eligible leader replicas", DescribeTopicPartitionsRequest.Descriptor),
            ("new consumer groups", ConsumerGroupDescribeRequest.Descriptor),
            ("client quotas", DescribeClientQuotasRequest.Descriptor),
        ];
        return [.. all.Where(one => capabilities.Supports(one.Api) == true).Select(one => one.Name)];
    }
}
