namespace ControlPlane.Engine.Analyzer.Verifying;

/// <summary>What a check needs that no plan changes: it can be made while the plan is still being searched.</summary>
internal sealed class VerifiedStart
{
    public VerifiedStart(OptimizerModel model, OptimizerWish wish)
    {
        Roles = new VerifiedRoles(model, wish);
        Before = VerifiedState.Before(model, Roles.Alive);
        Goals = new GoalRecount(model, wish, Roles, Before);
        Goals.CountBefore();
    }

    public VerifiedRoles Roles { get; }

    public VerifiedState Before { get; }

    public GoalRecount Goals { get; }
}
