namespace ControlPlane.Kafka.Connections;

/// <summary>What the network takes from its surroundings; the defaults are those of production.</summary>
public sealed record KafkaNetworkOptions
{
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Needed for OAUTHBEARER: IHttpClientFactory.CreateClient, for one.</summary>
    public Func<HttpClient>? HttpClient { get; init; }

    /// <summary>Spreads retries and picks brokers; a test gives one for the same course each time.</summary>
    public int? Seed { get; init; }
}
