using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace ControlPlane.Cli.Tests.Scripts;

public sealed class RunBadInputTests
{
    private static readonly Dictionary<string, string?> Environment = new() { ["KCP_DATABASE"] = null };

    [Theory]
    [InlineData("Unknown option '--bogus'", "--bogus")]
    [InlineData("Unknown option 'extra'", "extra")]
    [InlineData("--port 99999 is no port", "--port", "99999")]
    [InlineData("--port abc is no port", "--port=abc")]
    [InlineData("--port has no value", "--port")]
    [InlineData("--data is empty", "--data", "")]
    [InlineData("'broker' is no address", "--bootstrap-server", "broker")]
    [InlineData("'http://k:9092' is a URL", "--bootstrap-server", "http://k:9092")]
    [InlineData("70000 is no port", "--bootstrap-server", "k:70000")]
    [InlineData("is no list of addresses", "--bootstrap-server", "k:1,,l:2")]
    [InlineData("is no list of addresses", "--bootstrap-server", "k:1, l:2")]
    [InlineData("--username says something about a cluster, but none is given", "--username", "x")]
    [InlineData("--name says something about a cluster, but none is given", "--name", "x")]
    [InlineData("--security-protocol TLS is unknown", "--bootstrap-server", "k:1", "--security-protocol", "tls")]
    [InlineData("SASL_SSL without --sasl-mechanism", "--bootstrap-server", "k:1", "--security-protocol", "SASL_SSL")]
    [InlineData("--sasl-mechanism GSSAPI is unknown", "--bootstrap-server", "k:1", "--security-protocol", "SASL_SSL", "--sasl-mechanism", "GSSAPI")]
    [InlineData("PLAIN needs --password-file", "--bootstrap-server", "k:1", "--security-protocol", "SASL_SSL", "--sasl-mechanism", "PLAIN", "--username", "u")]
    [InlineData("OAUTHBEARER needs --token-url", "--bootstrap-server", "k:1", "--security-protocol", "SASL_SSL", "--sasl-mechanism", "OAUTHBEARER")]
    [InlineData("--username has no meaning with SSL", "--bootstrap-server", "k:1", "--security-protocol", "SSL", "--username", "u")]
    [InlineData("--ca has no meaning with PLAINTEXT", "--bootstrap-server", "k:1", "--ca", "/x")]
    [InlineData("mutual TLS needs --key", "--bootstrap-server", "k:1", "--security-protocol", "SSL", "--cert", "/x")]
    [InlineData("--ca /nowhere/ca.pem cannot be read", "--bootstrap-server", "k:1", "--security-protocol", "SSL", "--ca", "/nowhere/ca.pem")]
    [InlineData("--database is no connection string", "--database", "postgres://db/kcp")]
    [InlineData("--database names no Host", "--database", "Port=5432")]
    public async Task Wrong_options_are_named_and_nothing_is_made(string expected, params string[] args)
    {
        using var data = new DataFolder();
        var folder = Path.Combine(data.Path, "new");

        var run = await Repository.RunAsync("run", Environment, ["--data", folder, .. args]);

        Assert.Equal(2, run.ExitCode);
        AssertClear(run, expected);
        Assert.False(Directory.Exists(folder));
    }

    [Fact]
    public async Task Help_explains_every_option()
    {
        var run = await Repository.RunAsync("run", Environment, "--help");

        Assert.Equal(0, run.ExitCode);
        foreach (var option in new[] { "--local-kafka", "--bootstrap-server", "--name", "--no-demo", "--port", "--data", "--database", "--security-protocol", "--sasl-mechanism", "--username", "--password-file", "--ca", "--cert", "--key", "--token-url" })
        {
            Assert.Contains(option, run.Out, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_port_in_use_is_told_with_a_free_one()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        using var data = new DataFolder();

        var run = await Repository.RunAsync("run", Environment, "--data", data.Path, "--port", $"{port}");

        Assert.Equal(1, run.ExitCode);
        AssertClear(run, $"Port {port} on 127.0.0.1 is in use");
        Assert.Contains("./run --port", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_second_run_on_the_same_folder_is_refused_with_the_pid_of_the_first()
    {
        using var data = new DataFolder().Known().Write("run/pid", "4711\n").Write("run/lock", "");
        using var holder = Process.Start(new ProcessStartInfo("flock", [Path.Combine(data.Path, "run", "lock"), "sh", "-c", "echo held; read -r _"]) { RedirectStandardOutput = true, RedirectStandardInput = true, UseShellExecute = false })!;
        await holder.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken);

        var run = await Repository.RunAsync("run", Environment, "--data", data.Path, "--port", $"{FakeApi.FreePort()}");
        holder.StandardInput.Close();
        await holder.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.Equal(1, run.ExitCode);
        AssertClear(run, "is in use by another ./run (pid 4711)");
        Assert.Equal("4711\n", await File.ReadAllTextAsync(Path.Combine(data.Path, "run", "pid"), TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("has files but no PG_VERSION", "postgres/base/1", "rows")]
    [InlineData("PG_VERSION says 'garbage'", "postgres/PG_VERSION", "garbage\n")]
    [InlineData("PG_VERSION says ''", "postgres/PG_VERSION", "")]
    public async Task A_damaged_data_folder_is_told_and_left_as_it_is(string expected, string file, string content)
    {
        using var data = new DataFolder().Known().Write(file, content);
        var before = data.Contents("postgres");

        var run = await Repository.RunAsync("run", Environment, "--data", data.Path, "--port", $"{FakeApi.FreePort()}");

        Assert.Equal(1, run.ExitCode);
        AssertClear(run, expected);
        Assert.Contains("restore it from a backup", run.Error, StringComparison.Ordinal);
        Assert.Equal(before, data.Contents("postgres"));
    }

    [Fact]
    public async Task A_folder_with_other_files_is_not_taken()
    {
        using var data = new DataFolder().Write("thesis.tex", "mine");

        var run = await Repository.RunAsync("run", Environment, "--data", data.Path);

        Assert.Equal(1, run.ExitCode);
        AssertClear(run, "holds other files");
        Assert.Single(Directory.EnumerateFileSystemEntries(data.Path));
    }

    [Fact]
    public async Task A_file_is_no_data_folder()
    {
        using var data = new DataFolder().Write("file", "");

        var run = await Repository.RunAsync("run", Environment, "--data", Path.Combine(data.Path, "file"));

        Assert.Equal(1, run.ExitCode);
        AssertClear(run, "is a file");
    }

    [Fact]
    public async Task A_database_that_does_not_answer_is_told_without_its_password()
    {
        using var data = new DataFolder();

        var run = await Repository.RunAsync("run", Environment, "--data", data.Path, "--database", $"Host=127.0.0.1;Port={FakeApi.FreePort()};Username=u;Password=s3cret;Database=kcp");

        Assert.Equal(1, run.ExitCode);
        AssertClear(run, "does not answer at 127.0.0.1:");
        Assert.DoesNotContain("s3cret", run.Error + run.Out, StringComparison.Ordinal);
    }

    private static void AssertClear(ScriptRun run, string expected)
    {
        Assert.Contains($"error: ", run.Error, StringComparison.Ordinal);
        Assert.Contains(expected, run.Error, StringComparison.Ordinal);
        Assert.Contains("expected:", run.Error, StringComparison.Ordinal);
        Assert.Contains("next:", run.Error, StringComparison.Ordinal);
        Assert.Equal(1, run.Error.Split("error: ").Length - 1);
    }
}
