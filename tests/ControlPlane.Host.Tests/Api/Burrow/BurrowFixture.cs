using System.Globalization;
using ControlPlane.Engine.Lag.Store;
using ControlPlane.Engine.Model;
using ControlPlane.Host.Tests.Storage;
using ControlPlane.Lag;

namespace ControlPlane.Host.Tests.Api.Burrow;

/// <summary>A cluster with kept commits: one group that stopped, and whatever a test adds.</summary>
public class BurrowFixture(StorageServer server) : ApiFixture(server), IAsyncLifetime
{
    public const string Cluster = "kept";

    private static readonly long Now = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
    private readonly LagBook _book = NewBook();
    private ClusterModel? _model;

    async ValueTask IAsyncLifetime.InitializeAsync()
    {
        await InitializeAsync();
        var model = A.Cluster(Cluster).Brokers(2).Topic("orders").Group("billing", "orders", 90, 100).Build();
        _model = model with { Load = model.Load with { LogEndOffset = [100, 100, -1] } };
        await Host.PublishAsync(_model);
        Host.Get<LagBooks>().Open(new ClusterId(Cluster), _book);
        Keep(_book, "billing", commits: 3, partitions: 1);
        Keep(_book, "two-thirds", commits: 10, partitions: 2);
    }

    internal LagBook Book => _book;

    /// <summary>An hour ago, ten seconds apart, reading five each time; partitions after the first are read to the end.</summary>
    internal static void Keep(LagBook book, string group, int commits, int partitions = 3)
    {
        for (var partition = 0; partition < partitions; partition++)
        {
            for (var commit = 0; commit < commits; commit++)
            {
                var at = TimeOf(commit);
                book.Shard.Commit(group, "orders", partition, new CommitPoint(partition == 0 ? 80 + (commit * 5) : 100, at, at, at + 2_300));
            }
        }
    }

    internal static LagBook NewBook()
    {
        var ends = new EndOffsetStore();
        var topic = ends.IdOf("orders");
        for (var partition = 0; partition < 3; partition++)
        {
            ends.Add(topic, partition, 100, Now, 0);
        }

        return new LagBook(ends, new LagStoreOptions(), TimeProvider.System);
    }

    /// <summary>Kept here and described by the cluster.</summary>
    public void Keep(string group)
    {
        Keep(_book, group, commits: 1);
        _model = _model! with { Generation = _model.Generation + 1, Groups = [.. _model.Groups!.Value.Where(one => one.Id != group).Append(_model.Groups.Value[0] with { Id = group }).OrderBy(one => one.Id, StringComparer.Ordinal)] };
        Host.Views.Publish(_model);
    }

    /// <summary>An expected answer with the times and the host of this run.</summary>
    public static string Filled(string text)
    {
        var bad = """{"topic":"orders","partition":0,"owner":"/10.0.0.1","client_id":"client","status":"STOP","start":{"offset":80,"timestamp":T0,"observedAt":O0,"lag":20},"end":{"offset":90,"timestamp":T2,"observedAt":O2,"lag":10},"current_lag":10,"complete":0.3}""";
        text = text.Replace("BAD", bad, StringComparison.Ordinal).Replace("HOST", Environment.MachineName, StringComparison.Ordinal);
        for (var commit = 0; commit < 3; commit++)
        {
            text = text.Replace($"T{commit}", TimeOf(commit).ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)
                .Replace($"O{commit}", ((TimeOf(commit) + 2_000) / 1000 * 1000).ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);
        }

        return text;
    }

    private static long TimeOf(int commit) => Now - 3_600_000 + (commit * 10_000);
}
