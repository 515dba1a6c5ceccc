namespace ControlPlane.Cli.Tests.Commands;

public sealed class BadInputTests
{
    [Theory]
    [InlineData("'bogus' is no command of kcp", "bogus")]
    [InlineData("'lst' is no command of kcp topics", "topics", "lst")]
    [InlineData("Unrecognized command or argument '--bogus'", "fleet", "--bogus")]
    [InlineData("Required argument missing", "topics", "list")]
    [InlineData("--output 'xml' is unknown: one of table, json", "fleet", "-o", "xml")]
    [InlineData("--status 'bad' is unknown: one of ok, warn, crit, unknown, maint", "topics", "list", "c", "--status", "bad")]
    [InlineData("--limit 0 is out of range", "fleet", "--limit", "0")]
    [InlineData("--offset -1 is out of range", "fleet", "--offset", "-1")]
    [InlineData("--role 'boss' is unknown", "tokens", "create", "x", "--role", "boss")]
    [InlineData("'17' is no id of a token", "tokens", "revoke", "17")]
    [InlineData("--state 'bad' is unknown: one of open, pending, active, resolved, all", "anomalies", "--state", "bad")]
    [InlineData("'17' is no id of an anomaly", "anomalies", "show", "17")]
    [InlineData("Configs of what?", "configs", "c")]
    [InlineData("Both --broker and --topic", "configs", "c", "--broker", "1", "--topic", "t")]
    [InlineData("choose among the configs of a broker", "configs", "c", "--topic", "t", "--search", "x")]
    [InlineData("No address of the cluster", "clusters", "add", "c")]
    [InlineData("--brokers describes a simulated cluster", "clusters", "add", "c", "--brokers", "3")]
    [InlineData("A simulated cluster has no connection", "clusters", "add", "c", "--simulated", "--bootstrap-server", "k:1")]
    [InlineData("--label 'x' is no label", "clusters", "add", "c", "--bootstrap-server", "k:1", "--label", "x")]
    [InlineData("--ca /nowhere/ca.pem cannot be read", "clusters", "add", "c", "--bootstrap-server", "k:1", "--ca", "/nowhere/ca.pem")]
    [InlineData("Nothing to change", "users", "edit", "ann")]
    [InlineData("Forget cluster c", "clusters", "remove", "c")]
    [InlineData("Option '--bootstrap-server' is required", "load")]
    [InlineData("--rate 0 is out of range", "load", "--bootstrap-server", "k:1", "--rate", "0")]
    public async Task Wrong_input_is_named_and_nothing_is_asked(string expected, params string[] args)
    {
        await using var api = await FakeApi.StartAsync(_ => { });

        var run = await api.RunAsync(args);

        Assert.Equal(3, run.ExitCode);
        Assert.Contains(expected, run.Error, StringComparison.Ordinal);
        Assert.Contains("next:", run.Error, StringComparison.Ordinal);
        Assert.Equal("", run.Out);
        Assert.Empty(api.Asked);
    }

    [Fact]
    public async Task A_certificate_that_is_no_pem_is_named()
    {
        var path = Path.GetTempFileName();
        await File.WriteAllTextAsync(path, "0\u0082", TestContext.Current.CancellationToken);

        var run = await KcpRun.OfAsync("clusters", "add", "c", "--bootstrap-server", "k:1", "--ca", path, "--url", "http://h:1", "--token", "t");
        File.Delete(path);

        Assert.Equal(3, run.ExitCode);
        Assert.Contains("is no PEM file", run.Error, StringComparison.Ordinal);
    }
}
