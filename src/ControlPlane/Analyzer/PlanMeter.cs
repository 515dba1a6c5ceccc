using System.Diagnostics.Metrics;
using ControlPlane.Engine.Model;

namespace ControlPlane.Analyzer;

/// <summary>What planning costs and gives.</summary>
internal sealed class PlanMeter
{
    public const string MeterName = "ControlPlane.Analyzer";

    private readonly Histogram<double> _duration;
    private readonly Counter<long> _proposals;

    public PlanMeter(IMeterFactory meters)
    {
        var meter = meters.Create(MeterName);
        _duration = meter.CreateHistogram<double>("kcp_proposal_duration_seconds", "s", "Time to make a plan from a picture, with its check.");
        _proposals = meter.CreateCounter<long>("kcp_proposals_total", null, "Wishes for a plan, by result.");
    }

    public void Took(TimeSpan time) => _duration.Record(time.TotalSeconds);

    public void Ended(ClusterId cluster, string result) => _proposals.Add(1, new("cluster", cluster.Value), new KeyValuePair<string, object?>("result", result));
}
