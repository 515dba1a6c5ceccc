using ControlPlane.Testing;
using Xunit;

namespace ControlPlane.Kafka.Tests;

/// <summary>For tests that read the jars of a Kafka: skips where there is none, but fails in CI, where there must be.</summary>
internal static class NeedsKafka
{
    public static string Home(string version)
    {
        try
        {
            return KafkaDistribution.Find(version);
        }
        catch (KafkaUnavailableException ex) when (string.IsNullOrEmpty(Environment.GetEnvironmentVariable("CI")))
        {
            Assert.Skip(ex.Message);
            throw; // unreachable: Skip throws
        }
    }
}
