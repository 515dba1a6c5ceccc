using System.Collections.Concurrent;
using ControlPlane.Kafka.Connections;
using ControlPlane.Kafka.Protocol;

namespace ControlPlane.Kafka.Admin;

public sealed partial class KafkaAdmin
{
    private const int ConfigResourcesPerRequest = 500;

    /// <summary>Configs of topics and brokers, all keys (null) or some; those of a broker are asked from that broker.</summary>
    public async Task<ConfigResults> FetchConfigsAsync(
        IReadOnlyCollection<ConfigResource> resources, IReadOnlyCollection<string>? keys, CancellationToken cancellationToken)
    {
        await KnowClusterAsync(cancellationToken);
        var values = new ConcurrentDictionary<ConfigResource, IReadOnlyList<DescribeConfigsResponse.Config>>();
        var failures = new ConcurrentDictionary<ConfigResource, KafkaClientException>();
        var chunks = resources.Distinct().GroupBy(resource => resource.OwnerId)
            .SelectMany(owner => owner.Chunk(ConfigResourcesPerRequest).Select(chunk => (Owner: owner.Key, Resources: chunk)));
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = _options.Parallelism, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(chunks, parallel, async (chunk, stop) =>
        {
            try
            {
                foreach (var result in await AskConfigsAsync(chunk.Owner, chunk.Resources, keys, stop))
                {
                    var resource = new ConfigResource(result.ResourceType, result.ResourceName);
                    if (result.ErrorCode == ErrorCode.None)
                    {
                        values[resource] = result.Configs;
                    }
                    else
                    {
                        failures[resource] = AdminErrors.Of(result.ErrorCode, result.ErrorMessage, Node(chunk.Owner), ApiKey.DescribeConfigs, resource.ToString());
                    }
                }
            }
            catch (KafkaClientException ex)
            {
                foreach (var resource in chunk.Resources)
                {
                    failures[resource] = ex;
                }
            }
        });
        return new ConfigResults(values, failures);
    }

    /// <summary>
    /// Changes some keys of one resource, all or none of them; those of a broker are sent to that broker. Throws
    /// <see cref="KafkaException"/> where refused. A key may appear once.
    /// </summary>
    public async Task AlterConfigsAsync(
        ConfigResource resource, IReadOnlyCollection<ConfigChange> changes, bool validateOnly, CancellationToken cancellationToken)
    {
        await KnowClusterAsync(cancellationToken);
        var request = new IncrementalAlterConfigsRequest(
        [
            new(resource.Type, resource.Name, [.. changes.Select(change => new IncrementalAlterConfigsRequest.Change(change.Key, change.Operation, change.Value))]),
        ])
        {
            ValidateOnly = validateOnly,
        };
        var response = resource.OwnerId is { } owner
            ? await network.SendToBrokerAsync(owner, request, RequestLane.Change, cancellationToken)
            : await network.SendToAnyAsync(request, RequestLane.Change, cancellationToken);
        foreach (var result in response.Responses)
        {
            if (result.ErrorCode != ErrorCode.None)
            {
                network.Counters.AnsweredWithError(ApiKey.IncrementalAlterConfigs, result.ErrorCode);
                throw AdminErrors.Of(result.ErrorCode, result.ErrorMessage, Node(resource.OwnerId), ApiKey.IncrementalAlterConfigs, resource.ToString());
            }
        }
    }

    private Task<DescribeConfigsResponse.Result[]> AskConfigsAsync(
        int? owner, ConfigResource[] resources, IReadOnlyCollection<string>? keys, CancellationToken cancellationToken) => ReadAsync(
        async () =>
        {
            var request = new DescribeConfigsRequest([.. resources.Select(resource =>
                new DescribeConfigsRequest.Resource(resource.Type, resource.Name, keys?.ToArray()))])
            {
                IncludeSynonyms = true,
            };
            var response = owner is { } id
                ? await network.SendToBrokerAsync(id, request, RequestLane.Bulk, cancellationToken)
                : await network.SendToAnyAsync(request, RequestLane.Bulk, cancellationToken);
            return response.Results;
        },
        cancellationToken);
}
