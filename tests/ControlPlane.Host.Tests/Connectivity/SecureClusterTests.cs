using System.Net;
using System.Net.Sockets;
using System.Text;
using Confluent.Kafka.Admin;
using ControlPlane.Clusters;
using ControlPlane.Engine.Model;
using ControlPlane.Engine.Sampling;
using ControlPlane.Testing;

namespace ControlPlane.Host.Tests.Connectivity;

/// <summary>A broker with TLS, SCRAM and ACLs behind the port: what works, and every way that stays shut told as what to fix.</summary>
public sealed class SecureClusterTests : IAsyncLifetime
{
    private RealKafka? _kafka;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private SecureListeners Security => _kafka!.Security!;

    public async ValueTask InitializeAsync() => _kafka = await RealClusters.StartAsync(new RealKafkaOptions { Secure = true });

    public ValueTask DisposeAsync() => _kafka?.DisposeAsync() ?? ValueTask.CompletedTask;

    [Fact]
    public async Task What_is_wrong_with_a_connection_is_told_with_what_to_fix()
    {
        await using (var cluster = RealClusters.Open(Security.SaslSsl, Admin()))
        {
            Assert.Empty((await cluster.FetchTopologyAsync(Token)).Failures);
            Assert.Empty((await cluster.IdentifyAsync(Token)).Value!.Missing);
        }

        await AssertFailsAsync(Security.SaslSsl, Admin() with { Password = "wr0ng-pw" }, FailureKind.Authentication, "Check user name and password");
        await AssertFailsAsync(Security.SaslSsl, Admin() with { CaCertificate = new TestCertificates().CaPem }, FailureKind.Authentication, "CA field");
        await AssertFailsAsync(Security.SaslSsl, new ConnectionRecord(), null, "SSL or SASL_SSL");
        await AssertFailsAsync(Security.SaslPlaintext, Admin() with { SecurityProtocol = "SASL_SSL" }, null, "PLAINTEXT");
        await AssertFailsAsync(Security.SaslPlaintext, new ConnectionRecord(), FailureKind.Authentication, "SCRAM-SHA-512");
        using var http = new HttpPort();
        await AssertFailsAsync(http.Endpoint, new ConnectionRecord(), null, "HTTP");
    }

    [Fact]
    public async Task A_missing_permission_is_named_and_what_is_told_to_grant_it_does()
    {
        await using var cluster = RealClusters.Open(Security.SaslSsl, Alice());

        var before = await cluster.IdentifyAsync(Token);
        var dirs = await cluster.FetchLogDirsAsync([1], Token);

        Assert.Equal([("Describe", "cluster"), ("DescribeConfigs", "cluster")], before.Value!.Missing.Select(missing => (missing.Operation, missing.Resource)));
        Assert.Equal("--add --allow-principal 'User:alice' --operation Describe --cluster", before.Value.Missing[0].Grant);
        Assert.Null(dirs.Value);
        var failure = Assert.Single(dirs.Failures);
        Assert.Equal((1, FailureKind.Unauthorized), (failure.BrokerId, failure.Kind));
        Assert.Contains("needs Describe on Cluster", failure.Message, StringComparison.Ordinal);

        await GrantAsync(AclOperation.Describe, AclOperation.DescribeConfigs);
        Sampled<IdentitySample> after;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Token);
        limit.CancelAfter(TimeSpan.FromSeconds(60));
        do
        {
            after = await cluster.IdentifyAsync(limit.Token);
        }
        while (after.Value is not { Missing.IsEmpty: true } && !limit.IsCancellationRequested);
        Assert.Empty(after.Value!.Missing);
        Assert.NotNull((await cluster.FetchLogDirsAsync([1], Token)).Value);
    }

    private static async Task AssertFailsAsync(string endpoint, ConnectionRecord connection, FailureKind? kind, string advice)
    {
        await using var cluster = RealClusters.Open(endpoint, connection);

        var sample = await cluster.FetchTopologyAsync(Token);

        Assert.Null(sample.Value);
        var failure = Assert.Single(sample.Failures);
        Assert.Contains(advice, failure.Message, StringComparison.Ordinal);
        Assert.Contains(endpoint, failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("wr0ng-pw", failure.Message, StringComparison.Ordinal);
        Assert.True(kind is null || kind == failure.Kind, $"{failure.Kind}: {failure.Message}");
    }

    private async Task GrantAsync(params AclOperation[] operations)
    {
        using var client = new RealKafkaClient(new Dictionary<string, string>
        {
            ["bootstrap.servers"] = Security.SaslSsl,
            ["security.protocol"] = "SASL_SSL",
            ["sasl.mechanism"] = "SCRAM-SHA-512",
            ["sasl.username"] = SecureListeners.AdminUser,
            ["sasl.password"] = SecureListeners.AdminPassword,
            ["ssl.ca.pem"] = Security.Certificates.CaPem,
        });
        await client.Admin.CreateAclsAsync(operations.Select(operation => new AclBinding
        {
            Pattern = new ResourcePattern { Type = ResourceType.Broker, Name = "kafka-cluster", ResourcePatternType = ResourcePatternType.Literal },
            Entry = new AccessControlEntry { Principal = $"User:{SecureListeners.PlainUser}", Host = "*", Operation = operation, PermissionType = AclPermissionType.Allow },
        }));
    }

    private ConnectionRecord Admin() => new()
    {
        SecurityProtocol = "SASL_SSL",
        SaslMechanism = "SCRAM-SHA-512",
        Username = SecureListeners.AdminUser,
        Password = SecureListeners.AdminPassword,
        CaCertificate = Security.Certificates.CaPem,
    };

    private ConnectionRecord Alice() => Admin() with
    {
        SaslMechanism = "PLAIN",
        Username = SecureListeners.PlainUser,
        Password = SecureListeners.PlainPassword,
    };

    /// <summary>A port that answers whatever comes as a web server does.</summary>
    private sealed class HttpPort : IDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

        public HttpPort()
        {
            _listener.Start();
            _ = ServeAsync();
        }

        public string Endpoint => $"127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}";

        public void Dispose() => _listener.Dispose();

        private async Task ServeAsync()
        {
            try
            {
                while (true)
                {
                    using var client = await _listener.AcceptTcpClientAsync(Token);
                    var stream = client.GetStream();
                    _ = await stream.ReadAtLeastAsync(new byte[16], 1, throwOnEndOfStream: false, Token);
                    await stream.WriteAsync(Encoding.ASCII.GetBytes("HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"), Token);
                }
            }
            catch (Exception ex) when (ex is SocketException or IOException or ObjectDisposedException or OperationCanceledException)
            {
                // the test is over
            }
        }
    }
}
