using ControlPlane.Testing;
using Xunit;

namespace ControlPlane.Kafka.Tests.RealBrokers;

/// <summary>Starts real clusters; where the machine has no Kafka the test is skipped with the reason, in CI it fails.</summary>
internal static class RealCluster
{
    public static async Task<RealKafka> StartAsync(RealKafkaOptions options, CancellationToken cancellationToken)
    {
        try
        {
            return await RealKafka.StartAsync(options, cancellationToken);
        }
        catch (KafkaUnavailableException ex) when (string.IsNullOrEmpty(Environment.GetEnvironmentVariable("CI")))
        {
            Assert.Skip(ex.Message);
            throw;
        }
    }
}
