using System.Runtime.Versioning;
using ControlPlane.Cli.Connection;

namespace ControlPlane.Cli.Tests.Connection;

[UnsupportedOSPlatform("windows")] // file modes
public sealed class ApiTargetTests : IDisposable
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private readonly string _state = Directory.CreateTempSubdirectory("kcp-cli-").FullName;

    public void Dispose() => Directory.Delete(_state, recursive: true);

    [Fact]
    public void The_file_of_run_gives_url_and_token()
    {
        Write("local.json", """{"url":"http://127.0.0.1:8480","token":"abc"}""");

        var target = ApiTarget.Resolve(null, null, null, Environment());

        Assert.Equal(new ApiTarget(new Uri("http://127.0.0.1:8480/"), "abc"), target);
    }

    [Fact]
    public void A_local_url_chooses_the_file_of_its_port()
    {
        Write("local.json", """{"url":"http://127.0.0.1:8480","token":"abc"}""");
        Write("9000.json", """{"url":"http://127.0.0.1:9000","token":"def"}""");

        Assert.Equal("def", ApiTarget.Resolve("http://127.0.0.1:9000", null, null, Environment()).Token);
    }

    [Fact]
    public void The_command_line_wins_over_the_environment()
    {
        var target = ApiTarget.Resolve("http://one:1", "said", null, name => name switch { "KCP_URL" => "http://two:2", "KCP_TOKEN" => "set", _ => null });

        Assert.Equal(new ApiTarget(new Uri("http://one:1/"), "said"), target);
    }

    [Fact]
    public void A_file_may_hold_the_token_alone()
    {
        var path = Write("mine", "secret\n");

        Assert.Equal("secret", ApiTarget.Resolve("http://one:1", null, path, _ => null).Token);
    }

    [Fact]
    public void A_token_that_others_may_read_is_refused()
    {
        File.SetUnixFileMode(Write("local.json", """{"url":"http://127.0.0.1:8480","token":"abc"}"""), Private | UnixFileMode.GroupRead);

        var refused = Assert.Throws<CliException>(() => ApiTarget.Resolve(null, null, null, Environment()));

        Assert.Contains("open to other users", refused.Message, StringComparison.Ordinal);
        Assert.Contains("chmod 600", refused.Next, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_file_it_says_how_to_start()
    {
        var missing = Assert.Throws<CliException>(() => ApiTarget.Resolve(null, null, null, Environment()));

        Assert.Contains("local.json", missing.Message, StringComparison.Ordinal);
        Assert.Contains("./run", missing.Next, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"url":"http://127.0.0.1:8480"}""")]
    [InlineData("""{"token":17}""")]
    [InlineData("{")]
    [InlineData("")]
    public void A_damaged_file_is_named(string content)
    {
        Write("local.json", content);

        var damaged = Assert.Throws<CliException>(() => ApiTarget.Resolve(null, null, null, Environment()));

        Assert.Contains("holds no token", damaged.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("localhost:8480")]
    [InlineData("ftp://host")]
    [InlineData("http://")]
    public void A_wrong_url_is_named(string url)
    {
        var wrong = Assert.Throws<CliException>(() => ApiTarget.Resolve(url, "t", null, _ => null));

        Assert.Contains(url, wrong.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_local_token_never_goes_to_another_host()
    {
        Write("local.json", """{"url":"http://127.0.0.1:8480","token":"abc"}""");

        var refused = Assert.Throws<CliException>(() => ApiTarget.Resolve("https://kcp.example.org", null, null, Environment()));

        Assert.Contains("No token for https://kcp.example.org", refused.Message, StringComparison.Ordinal);
    }

    private Func<string, string?> Environment() => name => name == "XDG_STATE_HOME" ? _state : null;

    private string Write(string name, string content)
    {
        var path = Path.Combine(_state, "kcp", name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, content);
        File.SetUnixFileMode(path, Private);
        return path;
    }
}
