using System.Runtime.CompilerServices;
using ControlPlane.Api.Answers;
using ControlPlane.Contracts;
using ControlPlane.Engine.Model;

namespace ControlPlane.Api.Views;

/// <summary>
/// What pages ask of one picture, derived once per generation and shared by all requests. Lives exactly as long as its model,
/// so nothing has to be invalidated.
/// </summary>
internal sealed class ClusterView
{
    private static readonly ConditionalWeakTable<ClusterModel, ClusterView> Views = [];

    private readonly Lazy<PartitionRows> _partitions;
    private readonly Lazy<BrokerRows> _brokers;
    private readonly Lazy<GroupRows?> _groups;
    private readonly Lazy<TopicRows> _topics;
    private readonly Lazy<LogDirRows> _logDirs;

    private ClusterView(ClusterModel model)
    {
        Model = model;
        _partitions = new(() => new PartitionRows(model));
        _brokers = new(() => new BrokerRows(model));
        _groups = new(() => model.Groups is { } groups ? new GroupRows(model, groups) : null);
        _topics = new(() => new TopicRows(model, Partitions, Groups));
        _logDirs = new(() => new LogDirRows(model));
    }

    public ClusterModel Model { get; }

    public KeptAnswers Answers { get; } = new();

    public PartitionRows Partitions => _partitions.Value;

    public BrokerRows Brokers => _brokers.Value;

    /// <summary>Null while groups were never listed.</summary>
    public GroupRows? Groups => _groups.Value;

    public TopicRows Topics => _topics.Value;

    public LogDirRows LogDirs => _logDirs.Value;

    /// <summary>Whether brokers and partitions were ever read; before that an empty table says nothing.</summary>
    public bool HasTopology => Model.Partitions.TopicCount > 0 || Sample(SampleKind.Topology)?.LastSuccess is not null;

    public static ClusterView Of(ClusterModel model) => Views.GetValue(model, static key => new ClusterView(key));

    public SampleStatus? Sample(SampleKind kind)
    {
        foreach (var sample in Model.Samples)
        {
            if (sample.Kind == kind)
            {
                return sample;
            }
        }

        return null;
    }

    /// <summary>Findings about one thing, by the subject words of the engine.</summary>
    public List<FindingDto> FindingsOf(string subject)
    {
        var found = new List<FindingDto>();
        foreach (var finding in Model.Health.Findings)
        {
            if (string.Equals(finding.Subject, subject, StringComparison.Ordinal))
            {
                found.Add(Known.Finding(finding));
            }
        }

        return found;
    }
}
