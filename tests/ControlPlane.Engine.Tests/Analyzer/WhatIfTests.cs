using ControlPlane.Engine.Analyzer;
using ControlPlane.Engine.Tests.Analyzer.Files;
using Xunit;

namespace ControlPlane.Engine.Tests.Analyzer;

public sealed class WhatIfTests
{
    private static readonly OptimizerModel Model = OptimizerModels.From(new LosingCluster(4).Build(), BrokerCapacities.Unknown).Model;

    [Fact]
    public void Changes_are_made_to_a_copy_one_after_another()
    {
        var before = (Model.Brokers, Loads: (double[])Model.Loads.Clone(), Dead: Model.Conditions.Count(condition => condition == BrokerCondition.Dead));

        var changed = WhatIf.Apply(Model, OptimizerWish.Rebalance,
        [
            new WhatIfChange.LoseBrokers([Model.BrokerIds[0]]), new WhatIfChange.AddBrokers(3, null), new WhatIfChange.TopicLoad(".*", 2), new WhatIfChange.Retention(".*", 3),
            new WhatIfChange.ReplicationFactor(".*", 2),
        ]);

        Assert.Equal((before.Brokers, before.Dead), (Model.Brokers, Model.Conditions.Count(condition => condition == BrokerCondition.Dead)));
        Assert.Equal(before.Loads, Model.Loads);
        Assert.Equal(5, changed.Changes.Length);
        Assert.Equal(before.Brokers + 3, changed.Model.Brokers);
        Assert.Equal(BrokerCondition.Dead, changed.Model.Conditions[0]);
        Assert.All(changed.Model.Conditions[^3..], condition => Assert.Equal(BrokerCondition.New, condition));
        Assert.Equal(changed.Model.Brokers * 4, changed.Model.Capacity.Length);
        Assert.Equal(changed.Model.Brokers + 1, changed.Model.DirStart.Length);
        Assert.Equal(Model.Loads[LoadOf.Size] * 6, changed.Model.Loads[LoadOf.Size], 3);
        Assert.Equal(Model.Loads[LoadOf.BytesIn] * 2, changed.Model.Loads[LoadOf.BytesIn], 3);
        Assert.Equal((OptimizerMode.ReplicationFactor, 2), (changed.Wish.Mode, changed.Wish.ReplicationFactor));
        Assert.InRange(changed.Model.Racks[^3..].Distinct().Count(), 2, 3); // spread over the racks
    }

    public static TheoryData<string, WhatIfChange> Impossible => new()
    {
        { "no broker 99", new WhatIfChange.LoseBrokers([99]) },
        { "no rack 'mars'", new WhatIfChange.LoseRack("mars") },
        { "0 is not possible", new WhatIfChange.AddBrokers(0, null) },
        { "No topic's whole name", new WhatIfChange.TopicLoad("nothing", 2) },
        { "NaN is not possible", new WhatIfChange.TopicLoad(".*", double.NaN) },
        { "-1 is not possible", new WhatIfChange.Retention(".*", -1) },
        { "is not a regular expression", new WhatIfChange.TopicLoad("(", 2) },
        { "1000 is not possible", new WhatIfChange.ReplicationFactor(".*", 1000) },
        { "No broker would live", new WhatIfChange.LoseBrokers([.. Model.BrokerIds]) },
    };

    [Theory]
    [MemberData(nameof(Impossible))]
    public void What_cannot_be_is_refused_with_its_field(string words, WhatIfChange change)
    {
        var refusal = Assert.Throws<OptimizerRefusal>(() => WhatIf.Apply(Model, OptimizerWish.Rebalance, [change]));

        Assert.Contains(words, refusal.Message, StringComparison.Ordinal);
        Assert.StartsWith("changes", refusal.Field, StringComparison.Ordinal);
    }

    [Fact]
    public void An_expression_that_explodes_is_refused_instead_of_hanging() =>
        Assert.Contains("too long", Assert.Throws<OptimizerRefusal>(() => TopicPattern.Match([new string('a', 60)], "(a|aa)+b", "topics")).Message, StringComparison.Ordinal);

    [Fact]
    public void A_cluster_that_is_too_large_can_lose_what_it_does_not_need_and_one_that_is_too_small_needs_more()
    {
        // Disks by far large enough for three brokers, or by far too small for all there are.
        var all = Model.Loads.Where((_, at) => at % LoadOf.Count == LoadOf.Size).Zip(Enumerable.Range(0, Model.Partitions), (size, partition) => size * Model.ReplicasOf(partition)).Sum();
        OptimizerModel Of(double disk) => Model with { Capacity = [.. Enumerable.Range(0, Model.Brokers * 4).Select(at => at % 4 == 3 ? disk : double.NaN)], DiskForeign = new double[Model.Brokers] };

        var large = Rightsizing.Run(Of(all), OptimizerWish.Rebalance, 3, null, CancellationToken.None);
        Assert.Equal("too-large", large.Verdict);
        Assert.Equal(-large.Change, large.CanGo.Length);
        Assert.InRange(large.Brokers + large.Change, 3, large.Brokers - 1);

        var small = Rightsizing.Run(Of(all / (Model.Brokers - 2) / 0.8), OptimizerWish.Rebalance, 1, null, CancellationToken.None);
        Assert.Contains(small.Verdict, new[] { "right-sized", "too-large" }); // just enough
        var tiny = Rightsizing.Run(Of(all / (Model.Brokers + 4) / 0.8), OptimizerWish.Rebalance, 1, null, CancellationToken.None);
        Assert.Equal("too-small", tiny.Verdict);
        Assert.InRange(tiny.Change, 4, 12);
        Assert.Contains(tiny.Tries, one => one.Brokers == tiny.Brokers + tiny.Change && one.Outcome == OutcomeKind.Ok);
        Assert.DoesNotContain(tiny.Tries, one => one.Brokers < tiny.Brokers + tiny.Change && one.Outcome == OutcomeKind.Ok);
    }

    [Fact]
    public void A_grown_model_is_one_that_can_be_written_and_read()
    {
        for (var seed = 0; seed < 50; seed++)
        {
            var model = RandomModel.Of(seed);
            if (model.Conditions.All(condition => condition == BrokerCondition.Dead) || model.BrokerIds[^1] > int.MaxValue - 2)
            {
                continue;
            }

            var grown = WhatIf.Apply(model, OptimizerWish.Rebalance, [new WhatIfChange.AddBrokers(2, null)]).Model;

            ModelText.AssertSame(grown, ModelText.Read(System.Text.Encoding.UTF8.GetBytes(ModelText.Of(grown))));
        }
    }
}
