using ControlPlane.Host.Tests;
using ControlPlane.Host.Tests.Alerts;
using ControlPlane.Host.Tests.Analyzer;
using ControlPlane.Host.Tests.Connectivity;
using ControlPlane.Host.Tests.Execution;
using ControlPlane.Host.Tests.Healing;
using ControlPlane.Host.Tests.Lag;
using ControlPlane.Host.Tests.Storage;
using Xunit.Sdk;
using Xunit.v3;

[assembly: TestCollectionOrderer(typeof(LongFirst))]
[assembly: CollectionBehavior(MaxParallelThreads = 3)] // the long ones mostly wait: two would leave half of two cores idle

namespace ControlPlane.Host.Tests;

/// <summary>What takes long begins first, so that no class that waits for brokers or leases is the last one running, alone.</summary>
internal sealed class LongFirst : ITestCollectionOrderer
{
    private static readonly Type[] Long =
    [
        typeof(HealingStoryTests), typeof(RealKafkaClusterTests), typeof(KillTests), typeof(RealOffsetsTests), typeof(RealDeadBrokerTests), typeof(PlanDeskTests),
        typeof(RealKafkaLivenessTests), typeof(OperationsTests), typeof(OutageTests), typeof(UnreadableOffsetsTests), typeof(SimulatedRestartTests), typeof(SecureClusterTests),
    ];

    // At both ends by turns: threads of the pool take what was queued first, or, where they queued it themselves, last.
    public IReadOnlyCollection<TTestCollection> OrderTestCollections<TTestCollection>(IReadOnlyCollection<TTestCollection> testCollections)
        where TTestCollection : ITestCollection =>
        [.. testCollections.OrderBy(collection => PlaceOf(collection.TestCollectionDisplayName) is var place && place < 0 ? Long.Length : place % 2 == 0 ? place : int.MaxValue - place)];

    private static int PlaceOf(string collection) => Array.FindIndex(Long, type => collection.Contains(type.FullName! + " ", StringComparison.Ordinal));
}
