using System.Text.Json;

namespace ControlPlane.Cli.Tests.Lag;

public sealed class LagEvaluateTests
{
    private const string Commits = """[{"offset":1000,"timestamp":100000,"lag":50},{"offset":2000,"timestamp":200000,"lag":100},{"offset":3000,"timestamp":300000,"lag":null},{"offset":5000,"timestamp":500000,"lag":250}]""";

    [Fact]
    public async Task A_window_gets_its_verdict_with_the_keys_of_the_contract()
    {
        var run = await EvaluateAsync(Line());

        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Equal(
            """{"group":"g","topic":"t","partition":3,"status":"STOP","complete":0.4,"reason":"silent","sentence":"No commit for 8 m 20 s (6 m 40 s would be in order), 250 messages behind."}""" + "\n",
            run.Out);
    }

    [Theory]
    [InlineData("", "STOP", 0.4f)]
    [InlineData(""","currentLag":0""", "OK", 0.4f)]
    [InlineData(""","currentLag":null,"allowedLag":null""", "STOP", 0.4f)]
    [InlineData(""","allowedLag":250""", "OK", 0.4f)]
    [InlineData(""","allowedLag":249.0""", "STOP", 0.4f)]
    [InlineData(""","minimumComplete":0.5""", "OK", 0.4f)]
    [InlineData(""","minimumComplete":0.4""", "STOP", 0.4f)]
    [InlineData(""","window":4""", "STOP", 1f)]
    [InlineData(""","window":6""", "STOP", 0.6666667f)]
    [InlineData(""","window":1""", "STOP", 1f)]
    [InlineData(""","note":{"what":["ever"]}""", "STOP", 0.4f)]
    public async Task Each_key_counts(string more, string status, float complete)
    {
        var verdict = JsonDocument.Parse((await EvaluateAsync(Line(more))).Out).RootElement;

        Assert.Equal((status, complete), (verdict.GetProperty("status").GetString(), verdict.GetProperty("complete").GetSingle()));
    }

    [Fact]
    public async Task Whole_shares_are_written_with_a_point() => Assert.Contains("\"complete\":1.0,", (await EvaluateAsync(Line(""","window":4"""))).Out, StringComparison.Ordinal);

    [Fact]
    public async Task Empty_slots_come_before_the_commits()
    {
        var line = """{"group":"g","topic":"t","partition":0,"now":1000,"window":2,"commits":[null,{"offset":1,"timestamp":900,"lag":0}],"endOffsets":[1,null]}""";

        Assert.Equal("0.5", JsonDocument.Parse((await EvaluateAsync(line)).Out).RootElement.GetProperty("complete").GetRawText());
    }

    [Theory]
    [InlineData("{", "it is no JSON, from byte 2 on")]
    [InlineData("[1]", "it is a list, not an object")]
    [InlineData("""{"group":"g"} x""", "it is no JSON")]
    [InlineData("""{"topic":"t","partition":0,"now":1,"commits":[]}""", "it has no group")]
    [InlineData("""{"group":"g","partition":0,"now":1,"commits":[]}""", "it has no topic")]
    [InlineData("""{"group":"g","topic":"t","now":1,"commits":[]}""", "it has no partition")]
    [InlineData("""{"group":"g","topic":"t","partition":0,"commits":[]}""", "it has no now")]
    [InlineData("""{"group":"g","topic":"t","partition":0,"now":1}""", "it has no commits")]
    [InlineData("""{"group":"g","topic":"t","partition":-1,"now":1,"commits":[]}""", "partition is -1; expected: a whole number")]
    [InlineData("""{"group":"g","topic":"t","partition":0,"now":1.5,"commits":[]}""", "now is 1.5; expected: a whole number")]
    [InlineData("""{"group":"g","topic":"t","partition":0,"now":1,"commits":[{"offset":-5,"timestamp":1}]}""", "offset of a commit is -5")]
    [InlineData("""{"group":"g","topic":"t","partition":0,"now":1,"commits":[{"timestamp":1}]}""", "commits[0] has no offset")]
    [InlineData("""{"group":"g","topic":"t","partition":0,"now":1,"commits":[{"offset":1}]}""", "commits[0] has no timestamp")]
    [InlineData("""{"group":"g","topic":"t","partition":0,"now":1,"commits":[{"offset":1,"timestamp":1},null]}""", "commits[1] is null")]
    [InlineData("""{"group":"g","topic":"t","partition":0,"now":1,"commits":[7]}""", "commits[0] is 7")]
    [InlineData("""{"group":"g","topic":"t","partition":0,"now":1,"commits":[],"endOffsets":["x"]}""", "endOffsets is \"x\"")]
    [InlineData("""{"group":"g","topic":"t","partition":0,"now":1,"commits":[],"window":0}""", "window is 0")]
    [InlineData("""{"group":"g","topic":"t","partition":0,"now":1,"commits":[],"minimumComplete":1.5}""", "minimumComplete is 1.5")]
    [InlineData("""{"group":"g","topic":"t","partition":0,"now":1,"commits":[],"use":"x"}""", "use is \"x\"")]
    [InlineData("""{"group":"g","topic":"t","partition":0,"now":1,"commits":[],"endOffsets":[1],"endOffsetTimes":[1,2]}""", "endOffsetTimes has 2 entries")]
    [InlineData("""{"group":"\ud800","topic":"t","partition":0,"now":1,"commits":[]}""", "a text of it is no UTF-8")]
    [InlineData("""{"group":7,"topic":"t","partition":0,"now":1,"commits":[]}""", "group is 7; expected: a text")]
    public async Task A_bad_line_is_refused_by_number_and_the_others_are_judged(string bad, string told)
    {
        var run = await EvaluateAsync($"{Line()}\n\n{bad}\n{Line()}\n");

        Assert.Equal(3, run.ExitCode);
        Assert.Equal(2, run.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.Contains($"line 3: {told}", run.Error, StringComparison.Ordinal);
        Assert.Contains("1 of 3 lines on stdin were refused, 2 judged", run.Error, StringComparison.Ordinal);
        Assert.Contains("expected:", run.Error, StringComparison.Ordinal);
        Assert.Contains("next:", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Endless_rubbish_is_counted_and_not_all_of_it_repeated()
    {
        var run = await EvaluateAsync(string.Join('\n', Enumerable.Repeat("x", 5000)));

        Assert.Contains("5000 of 5000 lines", run.Error, StringComparison.Ordinal);
        Assert.True(run.Error.Length < 20_000);
    }

    [Fact]
    public async Task A_line_too_long_is_refused_and_the_next_one_judged()
    {
        var run = await EvaluateAsync($$"""{"x":"{{new string('y', 17 << 20)}}"}""" + "\r\n" + Line() + "\r\n");

        Assert.Contains("line 1: it is longer than 16 MiB", run.Error, StringComparison.Ordinal);
        Assert.Single(run.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public async Task Nothing_in_nothing_out()
    {
        var run = await EvaluateAsync("");

        Assert.Equal((0, "", ""), (run.ExitCode, run.Out, run.Error));
    }

    [Fact]
    public async Task Many_windows_stream_through_in_their_order()
    {
        var run = await EvaluateAsync("\uFEFF" + string.Join('\n', Enumerable.Range(0, 20_000).Select(i => Line(partition: i))));

        var lines = run.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal((0, 20_000), (run.ExitCode, lines.Length));
        Assert.All(lines.Index(), line => Assert.Contains($"\"partition\":{line.Index},", line.Item, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("", 2)]
    [InlineData(""","currentLag":0""", 0)]
    public async Task The_exit_code_tells_the_worst_verdict_where_asked(string more, int code)
    {
        Assert.Equal(code, (await KcpRun.WithInputAsync(Line(more), [], "lag", "evaluate", "--mode", "burrow", "--worst")).ExitCode);
        Assert.Equal(0, (await EvaluateAsync(Line(more))).ExitCode);
    }

    [Fact]
    public async Task Our_own_rules_are_the_default()
    {
        // One short silence is nothing to a group that commits each 100 s.
        var line = Line(""","allowedLag":0""").Replace("1000000", "610000", StringComparison.Ordinal);

        var ours = await KcpRun.WithInputAsync(line, [], "lag", "evaluate");
        var named = await KcpRun.WithInputAsync(line, [], "lag", "evaluate", "--mode", "default");

        Assert.Contains("\"status\":\"OK\"", ours.Out, StringComparison.Ordinal);
        Assert.Equal(ours.Out, named.Out);
    }

    [Fact]
    public async Task A_mode_nobody_knows_is_refused()
    {
        var run = await KcpRun.WithInputAsync(Line(), [], "lag", "evaluate", "--mode", "best");

        Assert.Equal(3, run.ExitCode);
        Assert.Contains("default, burrow", run.Error, StringComparison.Ordinal);
    }

    private static string Line(string more = "", int partition = 3) =>
        $$"""{"group":"g","topic":"t","partition":{{partition}},"now":1000000,"commits":{{Commits}},"endOffsets":[5200,5250]{{more}}}""";

    private static Task<KcpRun> EvaluateAsync(string input) => KcpRun.WithInputAsync(input, [], "lag", "evaluate", "--mode", "burrow");
}
