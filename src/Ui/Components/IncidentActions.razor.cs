using ControlPlane.Contracts;
using ControlPlane.Ui.Api;
using ControlPlane.Ui.Layout;
using Microsoft.AspNetCore.Components;
using Radzen;

namespace ControlPlane.Ui.Components;

/// <summary>The ranked actions of an incident. Those that lead somewhere are links; the others ask first.</summary>
public sealed partial class IncidentActions
{
    private static readonly AskChoice[] Extensions = [new("3600", "1 hour"), new("1800", "30 minutes"), new("14400", "4 hours")];

    [Parameter, EditorRequired] public string Cluster { get; set; } = "";

    [Parameter, EditorRequired] public IncidentDto Incident { get; set; } = null!;

    [Inject] private IControlPlaneApi Api { get; set; } = null!;

    [Inject] private DialogService Dialogs { get; set; } = null!;

    [Inject] private Frame Frame { get; set; } = null!;

    private string Subject => $"{Format.Words.Of(Incident.Anomaly.Kind)}, {Incident.Anomaly.Subject}";

    private string Css(IncidentActionDto action) => action == Incident.Actions[0] && action.Refused is null ? "primary" : "";

    private static string? Target(IncidentActionDto action) =>
        action.Link is { } link && action.Action is not ("plan-fix-offline" or "heal-now" or "extend-grace" or "leave-alone") ? "/" + link.TrimStart('/') : null;

    private static string Verb(IncidentActionDto action) => action.Action switch
    {
        "plan-fix-offline" => "Plan repair",
        "heal-now" => "Heal now",
        "extend-grace" => "Extend",
        "leave-alone" => "Leave alone",
        "show-plan" => "Show the plan",
        "watch-execution" => "Watch",
        "show-broker" => "Show the broker",
        "show-group" => "Show the group",
        _ => action.Label,
    };

    private async Task DoAsync(IncidentActionDto action)
    {
        if (action.Action == "plan-fix-offline")
        {
            var lost = Incident.Anomaly.BrokerId is { } broker ? new[] { broker } : [];
            if (await PlanForm.AskAsync(Dialogs, Cluster, Incident.Anomaly.Id, lost) is { } plan)
            {
                Frame.Go(Frame.Link("c", Cluster, "plans", plan.ToString("D")));
            }

            return;
        }

        if (Question(action) is { } question && await question.AskAsync(Dialogs))
        {
            await Frame.BeatAsync();
        }
    }

    private AskQuestion? Question(IncidentActionDto action) => action.Action switch
    {
        "heal-now" => new(action.Label, action.Effect, "Heal now", (_, reason) => OverrideAsync(new("heal-now", null, reason))) { Lines = [Subject] },
        "extend-grace" => new(action.Label, action.Effect, "Extend the grace time", (seconds, reason) => OverrideAsync(new("extend", int.Parse(seconds, System.Globalization.CultureInfo.InvariantCulture), reason))) { Lines = [Subject], Choices = Extensions },
        "leave-alone" => new(action.Label, action.Effect, "Leave it alone", (_, reason) => OverrideAsync(new("leave-alone", null, reason))) { Lines = [Subject] },
        _ => null,
    };

    private Task OverrideAsync(HealingOverrideRequest request) => Api.OverrideHealingAsync(Cluster, Incident.Anomaly.Id, request, CancellationToken.None);
}
