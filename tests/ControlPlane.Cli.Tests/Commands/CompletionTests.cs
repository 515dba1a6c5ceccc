namespace ControlPlane.Cli.Tests.Commands;

public sealed class CompletionTests
{
    [Theory]
    [InlineData("bash", "complete -o default -F")]
    [InlineData("zsh", "compdef")]
    [InlineData("fish", "complete -c kcp")]
    public async Task Each_shell_gets_its_script_without_any_control_plane(string shell, string expected)
    {
        var run = await KcpRun.OfAsync("completion", shell);

        Assert.Equal(0, run.ExitCode);
        Assert.Contains(expected, run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Commands_and_words_are_suggested()
    {
        Assert.Equal("status\nclusters\n", (await KcpRun.OfAsync("[suggest:2]", "st")).Out);
        Assert.Contains("not-preferred", (await KcpRun.OfAsync("[suggest:23]", "partitions c --state no")).Out, StringComparison.Ordinal);
    }
}
