using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace ControlPlane.Kafka.Connections;

/// <summary>Opens the byte stream to a broker: name lookup, TCP and, where the listener wants it, TLS.</summary>
internal static class Transport
{
    private const int KeepAliveSeconds = 30; // finds a host that vanished without a word while no request is on its way
    private const int KeepAliveProbes = 3;

    public static async Task<Stream> OpenAsync(
        KafkaNode node, ConnectionContext context, Action<ConnectStage> progress, CancellationToken cancellationToken)
    {
        progress(ConnectStage.Dns);
        var addresses = await ResolveAsync(node, cancellationToken);
        progress(ConnectStage.Tcp);
        var socket = await ConnectAsync(node, addresses, cancellationToken);
        var observed = new ObservedStream(new NetworkStream(socket, ownsSocket: true), context.Counters);
        if (!context.Settings.SecurityProtocol.UsesTls())
        {
            return observed;
        }

        progress(ConnectStage.Tls);
        return await SecureAsync(node, observed, context, cancellationToken);
    }

    private static async Task<IPAddress[]> ResolveAsync(KafkaNode node, CancellationToken cancellationToken)
    {
        if (IPAddress.TryParse(node.Endpoint.Host, out var address))
        {
            return [address];
        }

        try
        {
            var found = await Dns.GetHostAddressesAsync(node.Endpoint.Host, cancellationToken);
            return found.Length > 0 ? found : throw ConnectionErrors.Dns(node, new SocketException((int)SocketError.HostNotFound));
        }
        catch (SocketException ex)
        {
            throw ConnectionErrors.Dns(node, ex);
        }
    }

    private static async Task<Socket> ConnectAsync(KafkaNode node, IPAddress[] addresses, CancellationToken cancellationToken)
    {
        SocketException? last = null;
        foreach (var address in addresses)
        {
            var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                await socket.ConnectAsync(address, node.Endpoint.Port, cancellationToken);
                socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
                socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, KeepAliveSeconds);
                socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, KeepAliveSeconds / KeepAliveProbes);
                socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, KeepAliveProbes);
                return socket;
            }
            catch (SocketException ex)
            {
                socket.Dispose();
                last = ex;
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        }

        throw ConnectionErrors.Tcp(node, last!);
    }

    private static async Task<Stream> SecureAsync(
        KafkaNode node, ObservedStream observed, ConnectionContext context, CancellationToken cancellationToken)
    {
        var verdict = new CertificateVerdict(node, context.Settings.VerifyHostname, hasOwnCa: context.Settings.CaPem is not null);
        var tls = new SslStream(observed, leaveInnerStreamOpen: false);
        var options = new SslClientAuthenticationOptions
        {
            TargetHost = node.Endpoint.Host,
            RemoteCertificateValidationCallback = verdict.Judge,
            CertificateChainPolicy = ChainPolicy(context),
            ClientCertificateContext = context.ClientCertificate,
        };
        try
        {
            await tls.AuthenticateAsClientAsync(options, cancellationToken);
            return tls;
        }
        catch (Exception ex) when (ex is AuthenticationException or IOException or SocketException)
        {
            var failure = verdict.Failure(ex) ?? Diagnose(node, observed, ex);
            await tls.DisposeAsync();
            throw failure;
        }
        catch
        {
            await tls.DisposeAsync();
            throw;
        }
    }

    private static KafkaConnectionException Diagnose(KafkaNode node, ObservedStream observed, Exception cause)
    {
        if (ConnectionErrors.LooksLikeHttp(observed.FirstReceived))
        {
            return ConnectionErrors.Http(node, cause);
        }

        if (observed.FirstReceived.IsEmpty)
        {
            return ConnectionErrors.TlsAtPlainPort(node, cause);
        }

        return CertificateVerdict.RejectedByBroker(node, cause) ?? new KafkaConnectionException(
            KafkaConnectionFailure.TlsFailed, node,
            $"TLS with {node} failed: {cause.InnerException?.Message ?? cause.Message} Check that the port speaks TLS and shares a protocol version and cipher with this machine.", cause);
    }

    private static X509ChainPolicy ChainPolicy(ConnectionContext context)
    {
        var policy = new X509ChainPolicy { RevocationMode = X509RevocationMode.NoCheck };
        if (context.Authorities is { } authorities)
        {
            policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            policy.CustomTrustStore.AddRange(authorities.Items);
        }

        return policy;
    }
}
