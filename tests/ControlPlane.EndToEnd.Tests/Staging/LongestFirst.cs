using Xunit.Sdk;
using Xunit.v3;

namespace ControlPlane.EndToEnd.Tests.Staging;

/// <summary>Stories that take minutes begin first, so that none of them runs alone at the end.</summary>
public sealed class LongestFirst : ITestCollectionOrderer
{
    private static readonly string[] Long = [nameof(IncidentTests), nameof(OptimizerModeTests), nameof(OptimizerTests), nameof(RealClusterTests), nameof(ZooKeeperTests), nameof(TwoProcessesTests)];

    public IReadOnlyCollection<TTestCollection> OrderTestCollections<TTestCollection>(IReadOnlyCollection<TTestCollection> testCollections)
        where TTestCollection : ITestCollection =>
        [.. testCollections.OrderBy(Place).ThenBy(collection => collection.TestCollectionDisplayName, StringComparer.Ordinal)];

    private static int Place<TTestCollection>(TTestCollection collection)
        where TTestCollection : ITestCollection
    {
        var place = Array.FindIndex(Long, name => collection.TestCollectionDisplayName.Contains(name, StringComparison.Ordinal));
        return place < 0 ? Long.Length : place;
    }
}
