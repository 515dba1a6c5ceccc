using System.Collections.Immutable;
using System.Text.Json;
using ControlPlane.Engine.Analyzer;
using ControlPlane.Engine.Analyzer.Files;

namespace ControlPlane.Engine.Tests.Analyzer.Files;

public sealed class PlanFileTests
{
    /// <summary>Broker 4 has dirs /a and /b, broker 5 has /c, broker 6 none that is known.</summary>
    private static OptimizerModel Model { get; } = ModelText.Read(
        Broker(4, "{\"path\":\"/a\"},{\"path\":\"/b\"}"), Broker(5, "{\"path\":\"/c\"}"), Broker(6, ""),
        """{"type":"partition","topic":"t","partition":0,"replicas":[4,5],"leader":4,"logDirs":["/a","/c"],"size":10,"bytesIn":1,"bytesOut":2,"cpu":3,"minInSync":1,"outOfSync":[5],"adding":[5]}""",
        """{"type":"partition","topic":"t","partition":1,"replicas":[5,6],"leader":-1,"size":20,"bytesIn":1,"bytesOut":2,"cpu":3,"minInSync":1}""");

    private static PartitionChange[] Changes { get; } =
    [
        new(0, [0, 1], [2, 0], [-1, 1], 0, 2, 10, 7, MoveClass.Offline, "RackAwareGoal"),
        new(1, [1, 2], [2, 1], [], -1, 2, 0, 0, MoveClass.Balance, "CpuUsageDistributionGoal"),
    ];

    [Fact]
    public void A_placement_is_partition_lines_with_what_the_plan_leaves()
    {
        var text = ModelText.Written(stream => ModelFileWriter.WritePlacement(Model, Changes[..1], stream));

        Assert.Equal(
            """
            {"type":"partition","topic":"t","partition":0,"replicas":[6,4],"leader":6,"logDirs":[null,"/b"],"size":10,"bytesIn":1,"bytesOut":2,"cpu":3,"minInSync":1}
            {"type":"partition","topic":"t","partition":1,"replicas":[5,6],"leader":-1,"size":20,"bytesIn":1,"bytesOut":2,"cpu":3,"minInSync":1}

            """, text);
    }

    [Fact]
    public void A_replica_that_stays_keeps_its_dir_and_marks()
    {
        var change = Changes[0] with { After = [1, 2], DirsAfter = ImmutableArray<int>.Empty, LeaderAfter = 1 };

        var text = ModelText.Written(stream => ModelFileWriter.WritePlacement(Model, [change], stream));

        Assert.StartsWith("""{"type":"partition","topic":"t","partition":0,"replicas":[5,6],"leader":5,"logDirs":["/c",null],"size":10,"bytesIn":1,"bytesOut":2,"cpu":3,"minInSync":1,"outOfSync":[5]}""", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_placement_with_the_brokers_of_its_model_is_a_model()
    {
        var placement = ModelText.Written(stream => ModelFileWriter.WritePlacement(Model, Changes, stream));
        var brokers = ModelText.Of(Model).Split('\n').TakeWhile(line => !line.Contains("\"partition\"", StringComparison.Ordinal));

        var after = ModelText.Read([.. brokers, placement]);

        Assert.Equal([2, 0, 2, 1], after.Broker);
        Assert.Equal([0, 2], after.Lead);
        Assert.Equal(Model.Loads, after.Loads);
    }

    [Fact]
    public void A_plan_is_one_move_a_line_in_its_order()
    {
        var lines = ModelText.Written(stream => PlanFileWriter.Write(Model, Changes, stream)).Split('\n');

        Assert.Equal("""{"order":1,"topic":"t","partition":0,"before":[4,5],"after":[6,4],"leaderBefore":4,"leaderAfter":6,"logDirs":[null,"/b"],"bytes":10,"dirBytes":7,"class":"offline","reason":"RackAwareGoal"}""", lines[0]);
        Assert.Equal("""{"order":2,"topic":"t","partition":1,"before":[5,6],"after":[6,5],"leaderBefore":-1,"leaderAfter":6,"bytes":0,"dirBytes":0,"class":"balance","reason":"CpuUsageDistributionGoal"}""", lines[1]);
        Assert.Equal("", Assert.Single(lines[2..]));
        Assert.Equal(JsonValueKind.Object, JsonDocument.Parse(lines[0]).RootElement.ValueKind);
    }

    private static string Broker(int id, string dirs) =>
        $$"""{"type":"broker","id":{{id}},"capacity":{"cpu":100,"networkIn":10,"networkOut":10,"disk":1000},"logDirs":[{{dirs}}]}""";
}
