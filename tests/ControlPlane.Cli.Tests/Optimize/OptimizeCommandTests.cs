using System.IO.Compression;
using System.Text.Json;

namespace ControlPlane.Cli.Tests.Optimize;

public sealed class OptimizeCommandTests
{
    [Fact]
    public async Task A_lopsided_cluster_gets_a_plan_with_its_price()
    {
        using var model = new TextModel();

        var run = await KcpRun.OfAsync("optimize", "--model", model.Path, "--plan", model.Beside("plan.ndjson"), "--placement", model.Beside("placement.ndjson"), "-o", "json");

        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        var summary = JsonDocument.Parse(run.Out).RootElement;
        Assert.Equal("ok", summary.GetProperty("outcome").GetString());
        Assert.True(summary.GetProperty("verdict").GetProperty("isSound").GetBoolean());
        Assert.True(summary.GetProperty("peakMemoryBytes").GetInt64() > 1_000_000);
        Assert.True(summary.GetProperty("seconds").GetDouble() > 0 && summary.GetProperty("readSeconds").GetDouble() > 0);
        Assert.All(summary.GetProperty("goals").EnumerateArray(), goal => Assert.Equal(0, goal.GetProperty("violatedAfter").GetInt32()));
        Assert.Contains(summary.GetProperty("goals").EnumerateArray(), goal => goal.GetProperty("violatedBefore").GetInt32() > 0 && goal.GetProperty("distanceBefore").GetDouble() > 0);

        var moves = (await LinesAsync(model.Beside("plan.ndjson"))).Select(line => JsonDocument.Parse(line).RootElement).ToArray();
        var copies = moves.Sum(move => Ids(move, "after").Except(Ids(move, "before")).Count());
        Assert.Equal(summary.GetProperty("replicaMoves").GetInt32(), copies);
        Assert.Equal(summary.GetProperty("bytes").GetDouble(), moves.Sum(move => move.GetProperty("bytes").GetDouble()));
        var placement = (await LinesAsync(model.Beside("placement.ndjson"))).Select(line => JsonDocument.Parse(line).RootElement).ToArray();
        Assert.Equal(24, placement.Length);
        Assert.All(Enumerable.Range(1, 4), id => Assert.InRange(placement.Count(partition => Ids(partition, "replicas").Contains(id)), 11, 13));
    }

    [Fact]
    public async Task The_plan_of_the_placement_is_to_do_nothing()
    {
        using var model = new TextModel();
        await KcpRun.OfAsync("optimize", "--model", model.Path, "--placement", model.Beside("placement.ndjson"));
        var brokers = TextModel.Lopsided().Split('\n').TakeWhile(line => !line.Contains("\"partition\"", StringComparison.Ordinal));
        using var after = new TextModel(string.Join('\n', [.. brokers, .. await LinesAsync(model.Beside("placement.ndjson"))]));

        var run = await KcpRun.OfAsync("optimize", "--model", after.Path, "-o", "json");

        Assert.Equal(0, JsonDocument.Parse(run.Out).RootElement.GetProperty("replicaMoves").GetInt32());
    }

    [Fact]
    public async Task The_table_begins_with_the_sentence()
    {
        using var model = new TextModel();

        var run = await KcpRun.OfAsync("optimize", "--model", model.Path);

        Assert.Equal(0, run.ExitCode);
        Assert.StartsWith("OK  Every goal is met.", run.Out, StringComparison.Ordinal);
        Assert.Contains("ReplicaDistributionGoal", run.Out, StringComparison.Ordinal);
        Assert.Contains("replica moves", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_packed_model_is_read_by_its_ending()
    {
        using var model = new TextModel();
        await using (var gzip = new GZipStream(File.Create(model.Beside("model.ndjson.gz")), CompressionLevel.Fastest))
        {
            await gzip.WriteAsync(await File.ReadAllBytesAsync(model.Path, TestContext.Current.CancellationToken), TestContext.Current.CancellationToken);
        }

        var plain = await KcpRun.OfAsync("optimize", "--model", model.Path, "-o", "json");
        var packed = await KcpRun.OfAsync("optimize", "--model", model.Beside("model.ndjson.gz"), "-o", "json", "--threads", "1");

        Assert.Equal(Hash(plain), Hash(packed));

        static string? Hash(KcpRun run) => JsonDocument.Parse(run.Out).RootElement.GetProperty("placementHash").GetString();
    }

    [Fact]
    public async Task What_no_placement_can_hold_is_critical_and_proven()
    {
        using var model = new TextModel(TextModel.Lopsided(size: 1e11)); // 4.8 TB on disks of 4 TB

        var run = await KcpRun.OfAsync("optimize", "--model", model.Path, "-o", "json");

        Assert.Equal(2, run.ExitCode);
        var summary = JsonDocument.Parse(run.Out).RootElement;
        Assert.Equal("infeasible", summary.GetProperty("outcome").GetString());
        Assert.Contains(summary.GetProperty("proof").EnumerateArray(), proof => proof.GetProperty("missing").GetDouble() > 0 && proof.GetProperty("sentence").GetString()!.Length > 0);
        Assert.Contains(summary.GetProperty("remedies").EnumerateArray(), remedy => remedy.GetProperty("isConstructed").GetBoolean() && remedy.GetProperty("kind").GetString() == "brokers" && remedy.GetProperty("count").GetInt32() >= 2);
        Assert.True(summary.GetProperty("remedySeconds").GetDouble() > 0);
    }

    [Fact]
    public async Task What_if_a_broker_were_lost_moves_its_replicas()
    {
        using var model = new TextModel();

        var run = await KcpRun.OfAsync("optimize", "--model", model.Path, "--lose-broker", "1", "--mode", "fix-offline", "--placement", model.Beside("placement.ndjson"));

        Assert.Equal(0, run.ExitCode);
        Assert.All(await LinesAsync(model.Beside("placement.ndjson")), line => Assert.DoesNotContain(1, Ids(JsonDocument.Parse(line).RootElement, "replicas")));
    }

    [Theory]
    [InlineData("line 3: leader is \"x\"", "{\"type\":\"broker\",\"id\":1,\"capacity\":{\"cpu\":null,\"networkIn\":null,\"networkOut\":null,\"disk\":null}}\n\n{\"type\":\"partition\",\"leader\":\"x\"}")]
    [InlineData("the file is empty", "")]
    [InlineData("line 1: this is no JSON", "broker 1")]
    public async Task A_bad_file_is_refused_with_its_line(string reason, string text)
    {
        using var model = new TextModel(text);

        var run = await KcpRun.OfAsync("optimize", "--model", model.Path);

        Assert.Equal((3, ""), (run.ExitCode, run.Out));
        Assert.StartsWith($"error: {model.Path}: {reason}", run.Error, StringComparison.Ordinal);
        Assert.Contains("  expected: ", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_is_no_gzip_or_not_there_is_refused()
    {
        using var model = new TextModel("plain", "model.ndjson.gz");

        Assert.Contains("the packed data is broken", (await KcpRun.OfAsync("optimize", "--model", model.Path)).Error, StringComparison.Ordinal);
        Assert.Contains("can't be read", (await KcpRun.OfAsync("optimize", "--model", model.Beside("missing"))).Error, StringComparison.Ordinal);
        Assert.Contains("can't be read", (await KcpRun.OfAsync("optimize", "--model", model.Folder)).Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--mode 'everything' is unknown", "--mode", "everything")]
    [InlineData("--goals: 'Happiness' is no goal", "--goals", "RackAware,Happiness")]
    [InlineData("--band 0 is out of range", "--band", "0")]
    [InlineData("--band NaN is out of range", "--band", "NaN")]
    [InlineData("--band: 'nine' is no number", "--band", "nine")]
    [InlineData("--threads: '2.5' is no whole number", "--threads", "2.5")]
    [InlineData("--move-budget: '99999999999' is no whole number", "--move-budget", "99999999999")]
    [InlineData("--seed: '-1' is no seed", "--seed", "-1")]
    [InlineData("--add-brokers: 'many' is no whole number", "--add-brokers", "many")]
    [InlineData("--disk-limit 1.5 is out of range", "--disk-limit", "1.5")]
    [InlineData("--brokers: '1-' is no broker id", "--brokers", "1-")]
    [InlineData("--brokers: 'x' is no broker id", "--brokers", "2,x")]
    [InlineData("--immovable: 'orders' is no partition", "--immovable", "orders")]
    [InlineData("--byte-budget: '5 bananas' can't be read", "--byte-budget", "5 bananas")]
    [InlineData("--deadline: '0s' is no time", "--deadline", "0s")]
    [InlineData("--deadline: 'soon' can't be read", "--deadline", "soon")]
    [InlineData("--limit: 'disc' is no load", "--limit", "disc=0.5")]
    [InlineData("--limit: 'disk' has no limit", "--limit", "disk")]
    [InlineData("--dirs: '/data' is no log dir", "--dirs", "/data")]
    [InlineData("--broker-set: 'blue' is no set of brokers", "--broker-set", "blue")]
    [InlineData("--threads 0 is out of range", "--threads", "0")]
    [InlineData("--rf 0 is out of range", "--rf", "0")]
    [InlineData("--retention: 'orders' is no factor", "--retention", "orders")]
    [InlineData("lose-rack: There is no rack 'r9'", "--lose-rack", "r9")]
    [InlineData("lose-broker: There is no broker 9", "--lose-broker", "9")]
    [InlineData("double-topic: '(' is not a regular expression", "--double-topic", "(")]
    [InlineData("double-topic: No topic's whole name matches", "--double-topic", "nope")]
    [InlineData("--plan /no/such/folder/plan can't be written", "--plan", "/no/such/folder/plan")]
    public async Task A_wish_that_can_not_be_read_is_named(string reason, string option, string value)
    {
        using var model = new TextModel();

        var run = await KcpRun.OfAsync("optimize", "--model", model.Path, option, value);

        Assert.Equal((3, ""), (run.ExitCode, run.Out));
        Assert.StartsWith($"error: {reason}", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_model_the_option_is_named()
    {
        var run = await KcpRun.OfAsync("optimize");

        Assert.Equal(3, run.ExitCode);
        Assert.Contains("--model", run.Error, StringComparison.Ordinal);
    }

    private static IEnumerable<int> Ids(JsonElement line, string field) => line.GetProperty(field).EnumerateArray().Select(id => id.GetInt32());

    private static async Task<string[]> LinesAsync(string path) => await File.ReadAllLinesAsync(path, TestContext.Current.CancellationToken);
}
