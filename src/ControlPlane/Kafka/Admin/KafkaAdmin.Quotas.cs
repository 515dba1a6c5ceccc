using ControlPlane.Kafka.Connections;
using ControlPlane.Kafka.Protocol;

namespace ControlPlane.Kafka.Admin;

public sealed partial class KafkaAdmin
{
    /// <summary>Quotas of clients that match every component; none (empty) match all.</summary>
    public Task<IReadOnlyList<DescribeClientQuotasResponse.Entry>> FetchQuotasAsync(
        IReadOnlyCollection<DescribeClientQuotasRequest.Component> filter, bool strict, CancellationToken cancellationToken) => ReadAsync(
        async () =>
        {
            var request = new DescribeClientQuotasRequest([.. filter]) { Strict = strict };
            var response = await network.SendToAnyAsync(request, RequestLane.Look, cancellationToken);
            ThrowIfError(response.ErrorCode, response.ErrorMessage, null, ApiKey.DescribeClientQuotas);
            return (IReadOnlyList<DescribeClientQuotasResponse.Entry>)(response.Entries ?? []);
        },
        cancellationToken);

    /// <summary>Sets and removes quotas of one entity. Throws <see cref="KafkaException"/> where refused.</summary>
    public async Task AlterQuotasAsync(
        IReadOnlyCollection<QuotaEntity> entity, IReadOnlyCollection<AlterClientQuotasRequest.Operation> operations, bool validateOnly, CancellationToken cancellationToken)
    {
        await KnowClusterAsync(cancellationToken);
        var request = new AlterClientQuotasRequest([new([.. entity], [.. operations])]) { ValidateOnly = validateOnly };
        await SendToControllerAsync(
            request,
            answer => answer.Entries.Where(entry => entry.ErrorCode != ErrorCode.None).Select(entry => (entry.ErrorCode, entry.ErrorMessage)).FirstOrDefault(),
            RequestLane.Change,
            cancellationToken);
    }
}
