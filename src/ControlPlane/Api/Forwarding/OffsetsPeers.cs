using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using ControlPlane.Api.Access;
using ControlPlane.Clusters;
using ControlPlane.Engine.Lag.Spread;
using ControlPlane.Engine.Model;
using ControlPlane.Storage;

namespace ControlPlane.Api.Forwarding;

/// <summary>Asks other processes to read a share of a cluster's offsets topic for this one, on a stream that stays open while they do.</summary>
internal sealed class OffsetsPeers(IHttpClientFactory clients, Tickets tickets, PeerSummaries peers, PeerProcesses processes, TimeProvider time) : IOffsetsPeers
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    public static string Path(ClusterId cluster) => $"{ApiPaths.Root}/internal/offsets/{Uri.EscapeDataString(cluster.Value)}";

    public async Task<Hiring> HireAsync(ClusterId cluster, OffsetsShare share, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        try
        {
            var others = await processes.ListAsync(either.Token);
            var hiring = Hiring.Nobody;
            for (var tries = 0; tries < others.Count && share.Index <= others.Count && hiring.Reader is null; tries++)
            {
                hiring = await AskAsync(others[(share.Index - 1 + Turn(cluster) + tries) % others.Count], cluster, share, either.Token); // the first may have died a moment ago
            }

            return hiring;
        }
        catch (Exception ex) when (ex is StorageUnavailableException or Npgsql.NpgsqlException)
        {
            return new Hiring(null, $"the other processes are not known now: {ex.Message}");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new Hiring(null, $"it did not answer within {Patience.TotalSeconds:0} s");
        }
    }

    /// <summary>So that not all owners ask the same one.</summary>
    private static int Turn(ClusterId cluster) => cluster.Value.Sum(letter => letter);

    private async Task<Hiring> AskAsync(Uri peer, ClusterId cluster, OffsetsShare share, CancellationToken cancellationToken)
    {
        var path = Path(cluster);
        HttpResponseMessage? answer = null;
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(peer, path)) { Content = new ByteArrayContent(share.Write()) };
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
            request.Headers.Add(Tickets.ForwardHeader, tickets.ForForward(peers.Self, request.Method.Method, path));
            answer = await clients.CreateClient(Forwarder.ClientName).SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            if (answer.StatusCode == HttpStatusCode.OK)
            {
                var (kept, stream) = (answer, await answer.Content.ReadAsStreamAsync(cancellationToken));
                answer = null;
                return new Hiring(new HiredReader(peer.Authority, stream, kept), null);
            }

            return answer.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.MethodNotAllowed
                ? Hiring.Nobody // an older version, in the middle of an upgrade
                : new Hiring(null, $"{peer.Authority} answered {(int)answer.StatusCode}: {await DetailAsync(answer, cancellationToken)}");
        }
        catch (Exception ex) when (ex is HttpRequestException or IOException or JsonException)
        {
            return new Hiring(null, $"{peer.Authority} can't be reached ({ex.Message})");
        }
        finally
        {
            answer?.Dispose();
        }
    }

    private static async Task<string?> DetailAsync(HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        await using var body = await answer.Content.ReadAsStreamAsync(cancellationToken);
        using var problem = await JsonDocument.ParseAsync(body, cancellationToken: cancellationToken);
        return problem.RootElement.TryGetProperty("detail", out var detail) ? detail.ToString() : null;
    }
}
