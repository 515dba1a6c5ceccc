using System.Text.Json;

namespace ControlPlane.Cli.Tests.Scripts;

public sealed class ScriptTests
{
    private static readonly Dictionary<string, string?> Environment = [];

    [Theory]
    [InlineData("test", "Unknown option '--bogus'", "--bogus")]
    [InlineData("test", "--filter has no value", "--filter")]
    [InlineData("test", "No test project is called like: Nope", "Nope")]
    [InlineData(".ci/run", "Unexpected argument: x", "x")]
    [InlineData("eng/kafka.sh", "'newest' is no Kafka version", "newest")]
    [InlineData("eng/kafka.sh", "Too many arguments", "4.3.1", "3.9.2")]
    [InlineData("eng/librdkafka.sh", "Unexpected argument: x", "x")]
    [InlineData("eng/local-kafka.sh", "No action")]
    [InlineData("eng/local-kafka.sh", "Unknown argument '5'", "start", "5")]
    [InlineData("eng/local-kafka.sh", "Two actions: start and stop", "start", "stop")]
    public async Task Wrong_arguments_are_named(string script, string expected, params string[] args)
    {
        var run = await Repository.RunAsync(script, Environment, args);

        Assert.Equal(2, run.ExitCode);
        Assert.Contains($"error: {expected}", run.Error, StringComparison.Ordinal);
        Assert.Contains("next:", run.Error, StringComparison.Ordinal);
        Assert.Equal("", run.Out);
    }

    [Fact]
    public async Task The_test_command_names_its_projects()
    {
        var run = await Repository.RunAsync("test", Environment, "--list");

        Assert.Equal(0, run.ExitCode);
        Assert.Contains("ControlPlane.Cli.Tests", run.Out.Split('\n'));
        Assert.Equal("ControlPlane.Kafka.Tests\n", (await Repository.RunAsync("test", Environment, "--list", "kafka")).Out);
    }

    [Fact]
    public async Task A_kafka_home_of_the_wanted_version_is_taken_and_anything_else_refused()
    {
        using var folder = new DataFolder().Write("libs/kafka-clients-4.3.1.jar", "");
        var home = new Dictionary<string, string?> { ["KAFKA_HOME"] = folder.Path };

        Assert.Equal(folder.Path + "\n", (await Repository.RunAsync("eng/kafka.sh", home, "4.3.1")).Out);
        Assert.Equal(folder.Path + "\n", (await Repository.RunAsync("eng/kafka.sh", home)).Out);

        var wrong = await Repository.RunAsync("eng/kafka.sh", new Dictionary<string, string?> { ["KAFKA_HOME"] = Path.GetTempPath() }, "4.3.1");
        Assert.Equal(1, wrong.ExitCode);
        Assert.Contains("is no Kafka", wrong.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_local_kafka_that_was_never_started_is_told()
    {
        using var data = new DataFolder();

        var run = await Repository.RunAsync("eng/local-kafka.sh", Environment, "status", "--data", data.Path);

        Assert.Equal(1, run.ExitCode);
        Assert.Contains("There is no local Kafka", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("plain")]
    [InlineData("quo\"te \\ back\\\\slash \\n")]
    [InlineData("two\nlines\r\n\ttab \u0001 end")]
    [InlineData("žluťoučký 🦊 'x' $HOME `id`")]
    [InlineData("")]
    public async Task Any_text_becomes_a_json_string(string text)
    {
        using var folder = new DataFolder().Write("ask.sh", $"source '{Repository.Root}/eng/lib.sh'; json_string \"$ASKED\"");

        var run = await Repository.RunAsync(Path.Combine(folder.Path, "ask.sh"), new Dictionary<string, string?> { ["ASKED"] = text });

        Assert.Equal(text, JsonDocument.Parse(run.Out).RootElement.GetString());
    }

    [Fact]
    public async Task What_run_registers_is_what_the_api_takes()
    {
        using var folder = new DataFolder().Write("password", "p\"w\nmore\n").Write("ca.pem", "-----BEGIN CERTIFICATE-----\nMII=\n-----END CERTIFICATE-----\n").Write("ask.sh", $"""
            set -euo pipefail
            source '{Repository.Root}/eng/lib.sh'; source '{Repository.Root}/eng/run-options.sh'
            cd -- "$(dirname -- "$0")" && mkdir run
            parse_options --bootstrap-server 127.0.0.1:1 --name 'My "Prod" Kafka!' --security-protocol sasl_ssl --sasl-mechanism scram-sha-512 --username kcp --password-file password --ca ca.pem --data .
            check_options
            write_register_file
            stat -c %a run/register.json
            """);

        var run = await Repository.RunAsync(Path.Combine(folder.Path, "ask.sh"), Environment);

        Assert.Equal("600\n", run.Out);
        Assert.Contains("warning: nobody answers at 127.0.0.1:1", run.Error, StringComparison.Ordinal);
        var json = await File.ReadAllTextAsync(Path.Combine(folder.Path, "run", "register.json"), TestContext.Current.CancellationToken);
        var cluster = Assert.Single(JsonSerializer.Deserialize<ControlPlane.Contracts.CreateClusterRequest[]>(json, ControlPlane.Cli.Connection.Json.Options)!);
        Assert.Equal(("my-prod-kafka", "My \"Prod\" Kafka!"), (cluster.Id, cluster.DisplayName));
        Assert.Equal(("SASL_SSL", "SCRAM-SHA-512", "kcp", "p\"w"), (cluster.Connection!.SecurityProtocol, cluster.Connection.SaslMechanism, cluster.Connection.Username, cluster.Connection.Password));
        Assert.StartsWith("-----BEGIN CERTIFICATE-----\nMII=\n", cluster.Connection.CaCertificate, StringComparison.Ordinal);
        Assert.True(cluster.Connection.VerifyHostname);
    }
}
