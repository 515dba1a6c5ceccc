using System.Collections.Concurrent;
using System.Text.Json;
using ControlPlane.Api.Access;
using ControlPlane.Api.Answers;
using ControlPlane.Clusters;
using ControlPlane.Contracts;
using ControlPlane.Storage;

namespace ControlPlane.Api.Forwarding;

/// <summary>What another process says of the clusters it owns, or why it said nothing.</summary>
internal sealed record PeerAnswer(IReadOnlyDictionary<string, ClusterSummaryDto> Summaries, string? Problem);

/// <summary>Fleet rows of clusters owned elsewhere: one question per process, its answer good for two seconds for everybody.</summary>
internal sealed partial class PeerSummaries(IHttpClientFactory clients, Tickets tickets, ProcessIdentity self, TimeProvider time, ILogger<PeerSummaries> logger)
{
    public const string Path = ApiPaths.Root + "/internal/summaries";

    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<Uri, (Task<PeerAnswer> Answer, long At)> _answers = new();
    private readonly Lock _gate = new();

    public Task<PeerAnswer> AskAsync(Uri peer, CancellationToken cancellationToken)
    {
        Task<PeerAnswer> answer;
        lock (_gate)
        {
            if (!_answers.TryGetValue(peer, out var known) || time.GetElapsedTime(known.At) > Fresh)
            {
                known = (FetchAsync(peer), time.GetTimestamp());
                _answers[peer] = known;
            }

            answer = known.Answer;
        }

        return answer.WaitAsync(cancellationToken);
    }

    /// <summary>This process as a caller of its peers.</summary>
    public Caller Self => new($"process {self.Name}", ActorKind.System, Storage.Role.Viewer);

    private async Task<PeerAnswer> FetchAsync(Uri peer)
    {
        using var limit = new CancellationTokenSource(Patience, time);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(peer, Path));
            request.Headers.Add(Tickets.ForwardHeader, tickets.ForForward(Self, request.Method.Method, Path));
            using var response = await clients.CreateClient(Forwarder.ClientName).SendAsync(request, limit.Token);
            response.EnsureSuccessStatusCode();
            await using var body = await response.Content.ReadAsStreamAsync(limit.Token);
            var rows = await JsonSerializer.DeserializeAsync(body, Answer.TypeInfo<IReadOnlyList<ClusterSummaryDto>>(), limit.Token);
            return new PeerAnswer((rows ?? []).ToDictionary(row => row.Id, StringComparer.Ordinal), null);
        }
        catch (OperationCanceledException)
        {
            return Silent(peer, $"it did not answer within {Patience.TotalSeconds:0} s");
        }
        catch (HttpRequestException ex)
        {
            return Silent(peer, ex.StatusCode is { } status ? $"it answered {(int)status}" : "it can't be reached");
        }
        catch (JsonException)
        {
            return Silent(peer, "its answer could not be read; is it another version?");
        }
    }

    private PeerAnswer Silent(Uri peer, string why)
    {
        LogSilent(peer, why);
        return new PeerAnswer(new Dictionary<string, ClusterSummaryDto>(StringComparer.Ordinal), why);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The process at {Peer} could not be asked for its clusters: {Reason}")]
    private partial void LogSilent(Uri peer, string reason);
}
