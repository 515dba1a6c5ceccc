using ControlPlane.Contracts;

namespace ControlPlane.Ui.Api;

/// <summary>Events of clusters for the charts of a page: all of them draw the same marks, so they share one question.</summary>
public sealed class EventFeed(IControlPlaneApi api, TimeProvider time)
{
    /// <summary>Marks of an event appear this much later at most; charts are drawn anew up to four times a second.</summary>
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private (string Cluster, TimeSpan Span, DateTimeOffset To, long At, Task<IReadOnlyList<ClusterEventDto>> Answer)? _last;

    /// <summary>Newest first; empty where they can't be had: a chart without marks is still a chart.</summary>
    public async Task<IReadOnlyList<ClusterEventDto>> OfAsync(string cluster, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken)
    {
        Task<IReadOnlyList<ClusterEventDto>> answer;
        lock (_gate)
        {
            var span = to - from;
            if (_last is not { } last || last.Cluster != cluster || last.Span != span || (last.To - to).Duration() > Fresh || time.GetElapsedTime(last.At) > Fresh)
            {
                answer = FetchAsync(cluster, from, to); // for all charts, so none of them may cancel it
                _last = (cluster, span, to, time.GetTimestamp(), answer);
            }
            else
            {
                answer = last.Answer;
            }
        }

        return await answer.WaitAsync(cancellationToken);
    }

    private async Task<IReadOnlyList<ClusterEventDto>> FetchAsync(string cluster, DateTimeOffset from, DateTimeOffset to)
    {
        try
        {
            return (await api.GetEventsAsync(cluster, new(from, to, Limit: ListQuery.Largest), CancellationToken.None)).Items;
        }
        catch (ApiProblemException)
        {
            return [];
        }
    }
}
