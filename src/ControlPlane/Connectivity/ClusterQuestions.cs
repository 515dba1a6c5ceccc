using System.Collections.Immutable;
using ControlPlane.Engine.Model;
using ControlPlane.Engine.Sampling;
using ControlPlane.Kafka.Connections;

namespace ControlPlane.Connectivity;

/// <summary>Runs questions to a cluster; what the cluster or the network does is an outcome, whatever it is.</summary>
internal sealed class ClusterQuestions(TimeProvider time, CostMeter cost)
{
    public async Task<Sampled<T>> AskAsync<T>(string api, Func<CancellationToken, Task<Part<T>>> ask, CancellationToken cancellationToken)
        where T : class
    {
        var began = time.GetTimestamp();
        Part<T> part;
        try
        {
            part = await ask(cancellationToken);
        }
        catch (KafkaClientException ex)
        {
            part = new Part<T>(null, [SampleFailures.Of(null, api, ex)]);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            var waited = time.GetElapsedTime(began).TotalSeconds;
            part = new Part<T>(null, [SampleFailures.TimedOut(null, api, $"{api} got no answer within {waited:0.#} s. Check the network to the brokers and their load.")]);
        }

        return new Sampled<T>(time.GetUtcNow(), part.Value, part.Failures) { Cost = cost.Take(), Took = time.GetElapsedTime(began) };
    }
}

/// <summary>What a reader got: a value, or none, with the failures of what is missing.</summary>
internal readonly record struct Part<T>(T? Value, ImmutableArray<SampleFailure> Failures)
    where T : class;
