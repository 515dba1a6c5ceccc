using ControlPlane.Contracts;

namespace ControlPlane.EndToEnd.Tests.Staging;

/// <summary>How a plan can be asked for.</summary>
public enum Way
{
    Kcp,
    Page,
    Api,
}

/// <summary>One wish in the words of the API, of kcp plan (the cluster left out) and of the fields of the rebalance page.</summary>
public sealed record EveryWay(CreatePlanRequest Request, string[] Kcp, params (string Field, string Text)[] Fields);
