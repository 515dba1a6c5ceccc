using System.Globalization;

namespace ControlPlane.Engine.Analyzer.Files;

/// <summary>A model without the names of its owner: topics, hosts, racks, log dirs and brokers are numbered in their order; loads and places stay.</summary>
public static class ModelAnonymizer
{
    public static OptimizerModel Anonymise(OptimizerModel model)
    {
        var digits = Math.Max(4, model.Topics.Length.ToString(CultureInfo.InvariantCulture).Length);
        return model with
        {
            Name = "anonymous",
            TakenAt = null,
            BrokerIds = [.. Enumerable.Range(1, model.Brokers)],
            Racks = Numbered(model.Racks, 'r'),
            Hosts = [.. Numbered(model.Hosts, 'h').Select(host => host!)],
            DirPaths = DirsOf(model),
            Topics = [.. Enumerable.Range(1, model.Topics.Length).Select(number => "t" + number.ToString($"D{digits}", CultureInfo.InvariantCulture))],
            TopicIds = [],
        };
    }

    /// <summary>Equal names get equal numbers, by first appearance; what has no name keeps none.</summary>
    private static string?[] Numbered(string?[] names, char letter)
    {
        var numbers = new Dictionary<string, string>(StringComparer.Ordinal);
        return Array.ConvertAll(names, name =>
        {
            if (name is not null && !numbers.ContainsKey(name))
            {
                numbers[name] = string.Create(CultureInfo.InvariantCulture, $"{letter}{numbers.Count + 1}");
            }

            return name is null ? null : numbers[name];
        });
    }

    private static string[] DirsOf(OptimizerModel model)
    {
        var paths = new string[model.DirPaths.Length];
        for (var broker = 0; broker < model.Brokers; broker++)
        {
            for (var dir = model.DirStart[broker]; dir < model.DirStart[broker + 1]; dir++)
            {
                paths[dir] = string.Create(CultureInfo.InvariantCulture, $"/d{dir - model.DirStart[broker] + 1}");
            }
        }

        return paths;
    }
}
