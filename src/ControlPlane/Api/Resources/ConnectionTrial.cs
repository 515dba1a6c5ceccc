using ControlPlane.Api.Views;
using ControlPlane.Clusters;
using ControlPlane.Contracts;
using ControlPlane.Engine.Sampling;
using ControlPlane.Storage;

namespace ControlPlane.Api.Resources;

/// <summary>Connects to a cluster once, without keeping anything, and tells what it is or what to do.</summary>
internal sealed class ConnectionTrial(KafkaClusterFactory factory, TimeProvider time)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    public async Task<ConnectionTestDto> RunAsync(ClusterDefinition definition, ClusterSecrets secrets, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(Patience, time);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, patience.Token);
        try
        {
            await using var cluster = await factory.OpenAsync(definition, secrets, limit.Token);
            return ToDto(await cluster.IdentifyAsync(limit.Token));
        }
        catch (ClusterSettingsException ex)
        {
            return Failed(ex.Message, []);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return Failed($"The cluster did not answer within {Patience.TotalSeconds:0} s. Check address, port and security protocol, and that no firewall drops the connection.", []);
        }
    }

    private static ConnectionTestDto ToDto(Sampled<IdentitySample> sample)
    {
        FailureDto[] failures = [.. sample.Failures.Select(Known.Failure)];
        if (sample.Value is not { } identity)
        {
            return Failed(failures.Length > 0 ? failures[0].Message : "The cluster gave no answer, and no reason either.", failures);
        }

        var sentence = $"Connected: {(identity.Release is { } release ? $"Kafka {release}" : "a Kafka cluster")} with {identity.BrokerCount} {(identity.BrokerCount == 1 ? "broker" : "brokers")}"
            + (identity.Missing.Length == 0 ? ", and everything this product needs is allowed." : $"; {identity.Missing.Length} of the permissions this product uses {(identity.Missing.Length == 1 ? "is" : "are")} missing.");
        return new ConnectionTestDto(true, sentence, identity.KafkaClusterId, identity.Release, identity.Mode, identity.BrokerCount, identity.Capabilities, [.. identity.Missing.Select(missing => missing + ".")], failures);
    }

    private static ConnectionTestDto Failed(string sentence, FailureDto[] failures) => new(false, sentence, null, null, null, null, [], [], failures);
}
