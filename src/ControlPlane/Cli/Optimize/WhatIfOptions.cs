using System.CommandLine;
using ControlPlane.Engine.Analyzer;

namespace ControlPlane.Cli.Optimize;

/// <summary>Changes of the cluster before it is optimized: what if.</summary>
internal sealed class WhatIfOptions
{
    private readonly Option<string?> _loseBroker = new("--lose-broker") { Description = "What if these brokers were dead", HelpName = "IDS" };
    private readonly Option<string[]> _loseRack = OptimizeOptions.Many("--lose-rack", "What if this rack were dead; may be repeated", "NAME");
    private readonly Option<string?> _addBrokers = new("--add-brokers") { Description = "What if so many brokers of typical size were added", HelpName = "N" };
    private readonly Option<string?> _doubleTopic = new("--double-topic") { Description = "What if these topics had twice the traffic and size", HelpName = "REGEX" };
    private readonly Option<string[]> _retention = OptimizeOptions.Many("--retention", "What if these topics kept so many times their size; may be repeated", "REGEX=FACTOR");

    public IEnumerable<Option> All => [_loseBroker, _loseRack, _addBrokers, _doubleTopic, _retention];

    public OptimizerModel Apply(Invocation run, OptimizerModel model) => Changes(run).Aggregate(model, (changed, what) =>
    {
        try
        {
            return WhatIf.Apply(changed, OptimizerWish.Rebalance, [what.Change]).Model;
        }
        catch (OptimizerRefusal refused)
        {
            throw new OptimizerRefusal(what.Option, refused.Message);
        }
    });

    private IEnumerable<(string Option, WhatIfChange Change)> Changes(Invocation run)
    {
        if (WishWords.Ids("--lose-broker", run.Get(_loseBroker)) is { Length: > 0 } lost)
        {
            yield return ("lose-broker", new WhatIfChange.LoseBrokers([.. lost]));
        }

        foreach (var rack in run.Get(_loseRack))
        {
            yield return ("lose-rack", new WhatIfChange.LoseRack(rack));
        }

        if (WishWords.Whole("--add-brokers", run.Get(_addBrokers)) is { } count)
        {
            yield return ("add-brokers", new WhatIfChange.AddBrokers(count, null));
        }

        if (run.Get(_doubleTopic) is { } topics)
        {
            yield return ("double-topic", new WhatIfChange.TopicLoad(topics, 2));
        }

        foreach (var text in run.Get(_retention))
        {
            var (pattern, factor) = WishWords.Factor("--retention", text);
            yield return ("retention", new WhatIfChange.Retention(pattern, factor));
        }
    }
}
