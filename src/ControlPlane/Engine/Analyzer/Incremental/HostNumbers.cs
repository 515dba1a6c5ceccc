namespace ControlPlane.Engine.Analyzer.Incremental;

/// <summary>Hosts as numbers; one more than there are brokers, which is nowhere.</summary>
internal static class HostNumbers
{
    public static int[] Of(OptimizerModel model)
    {
        var numbers = new Dictionary<string, int>(StringComparer.Ordinal);
        string[] names = [.. model.Hosts, "\0\0"];
        return names.Select(name => numbers.TryGetValue(name, out var known) ? known : numbers[name] = numbers.Count);
    }
}
