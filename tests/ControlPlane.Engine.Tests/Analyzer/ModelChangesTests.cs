using ControlPlane.Engine.Analyzer;
using ControlPlane.Engine.Tests.Analyzer.Files;

namespace ControlPlane.Engine.Tests.Analyzer;

public sealed class ModelChangesTests
{
    private static OptimizerModel Model { get; } = ModelText.Read(
        Broker(1, "a", 100), Broker(2, "a", 300), Broker(3, "b", 200), Partition("orders", 10), Partition("clicks", 20));

    [Fact]
    public void A_lost_rack_is_its_brokers_dead()
    {
        Assert.Equal([BrokerCondition.Dead, BrokerCondition.Dead, BrokerCondition.Alive], ModelChanges.LoseRack(Model, "a").Conditions);
        Assert.Equal([BrokerCondition.Alive, BrokerCondition.Alive, BrokerCondition.Dead], ModelChanges.LoseBrokers(Model, [3]).Conditions);
        Assert.Equal([BrokerCondition.Alive, BrokerCondition.Alive, BrokerCondition.Alive], Model.Conditions);
    }

    [Fact]
    public void Added_brokers_are_of_median_size_and_in_the_shortest_racks()
    {
        var grown = ModelChanges.AddBrokers(Model, 3);

        Assert.Equal([1, 2, 3, 4, 5, 6], grown.BrokerIds);
        Assert.Equal(new string?[] { "a", "a", "b", "b", "a", "b" }, grown.Racks.AsEnumerable());
        Assert.Equal([200, 200, 200], Enumerable.Range(3, 3).Select(broker => grown.Capacity[(broker * 4) + 3]));
        Assert.Equal([0, 1, 2, 3, 4, 5, 6], grown.DirStart);
        Assert.Equal("/d3", grown.DirPaths[5]);
        Assert.Equal(6, grown.Hosts.Distinct(StringComparer.Ordinal).Count());
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

            var grown = ModelChanges.AddBrokers(model, 2);

            ModelText.AssertSame(grown, ModelText.Read(System.Text.Encoding.UTF8.GetBytes(ModelText.Of(grown))));
        }
    }

    [Fact]
    public void Only_the_matching_topics_grow()
    {
        var doubled = ModelChanges.ScaleTopics(Model, "ord.*", 2);
        var kept = ModelChanges.ScaleRetention(Model, "orders", 3);

        Assert.Equal(Model.Loads[..LoadOf.Count], doubled.Loads[..LoadOf.Count]); // clicks comes first
        Assert.Equal(Model.Loads[LoadOf.Count..].Select(load => load * 2), doubled.Loads[LoadOf.Count..]);
        Assert.Equal(30, kept.Loads[LoadOf.Count + LoadOf.Size]);
        Assert.Equal(Model.Loads[LoadOf.Count + LoadOf.BytesIn], kept.Loads[LoadOf.Count + LoadOf.BytesIn]);
    }

    [Fact]
    public void What_the_model_does_not_have_is_refused_by_name()
    {
        Assert.Equal("lose-broker", Assert.Throws<OptimizerRefusal>(() => ModelChanges.LoseBrokers(Model, [1, 9])).Field);
        Assert.Equal("lose-rack", Assert.Throws<OptimizerRefusal>(() => ModelChanges.LoseRack(Model, "c")).Field);
        Assert.Equal("add-brokers", Assert.Throws<OptimizerRefusal>(() => ModelChanges.AddBrokers(Model, 0)).Field);
        Assert.Equal("retention", Assert.Throws<OptimizerRefusal>(() => ModelChanges.ScaleRetention(Model, "orders", double.NaN)).Field);
        Assert.Equal("double-topic", Assert.Throws<OptimizerRefusal>(() => ModelChanges.ScaleTopics(Model, "order", 2)).Field);
    }

    private static string Broker(int id, string rack, int disk) =>
        $$"""{"type":"broker","id":{{id}},"rack":"{{rack}}","capacity":{"cpu":100,"networkIn":10,"networkOut":10,"disk":{{disk}}},"logDirs":[{"path":"/d{{id}}"}]}""";

    private static string Partition(string topic, int size) =>
        $$"""{"type":"partition","topic":"{{topic}}","partition":0,"replicas":[1],"leader":1,"size":{{size}},"bytesIn":1,"bytesOut":2,"cpu":3}""";
}
