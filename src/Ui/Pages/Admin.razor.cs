using ControlPlane.Contracts;
using ControlPlane.Ui.Api;
using ControlPlane.Ui.Components;
using Microsoft.AspNetCore.Components;
using Radzen;

namespace ControlPlane.Ui.Pages;

/// <summary>Clusters, users, tokens and the processes of this installation.</summary>
public sealed partial class Admin
{
    private static readonly (string Name, string Word)[] Tabs = [("clusters", "Clusters"), ("users", "Users"), ("tokens", "API tokens"), ("processes", "Processes")];

    private LoadState<Page<ClusterSummaryDto>> _clusters = new();
    private LoadState<IReadOnlyList<UserDto>> _users = new();
    private LoadState<IReadOnlyList<TokenDto>> _tokens = new();
    private LoadState<IReadOnlyList<ProcessDto>> _processes = new();

    [Inject] private DialogService Dialogs { get; set; } = null!;

    [Inject] private NotificationService Notices { get; set; } = null!;

    private string Tab => Frame.Get("tab") ?? "clusters";

    protected override bool ShowsLoad => false;

    protected override async Task LoadAsync(CancellationToken visit)
    {
        switch (Tab)
        {
            case "users":
                _users = await FetchAsync("users", _users, Api.GetUsersAsync, visit);
                break;
            case "tokens":
                _tokens = await FetchAsync("tokens", _tokens, Api.GetTokensAsync, visit);
                break;
            case "processes":
                _processes = await FetchAsync("processes", _processes, Api.GetProcessesAsync, visit);
                break;
            default:
                _clusters = await FetchAsync("clusters", _clusters, token => Api.GetClustersAsync(new(Limit: ListQuery.Largest, Sort: "id"), token), visit);
                break;
        }
    }

    private static string Word(Role role) => role.ToString().ToLowerInvariant();

    private async Task OpenAsync<TForm>(UserDto? user)
        where TForm : ComponentBase
    {
        await Dialogs.OpenAsync<TForm>(user is null ? "New" : $"Edit {user.Name}", user is null ? [] : new() { ["Existing"] = user }, DialogSize.Narrow);
        await RenewAsync();
    }

    private async Task AddClusterAsync()
    {
        await Dialogs.OpenAsync<ClusterForm>("Add a cluster", options: DialogSize.Wide);
        await Frame.BeatAsync();
    }

    private Task EditClusterAsync(ClusterSummaryDto row) => AttemptAsync(async () =>
    {
        var cluster = await Api.GetClusterAsync(row.Id, CancellationToken.None);
        await Dialogs.OpenAsync<ClusterForm>($"Edit {cluster.DisplayName}", new() { [nameof(ClusterForm.Existing)] = cluster }, DialogSize.Wide);
    });

    private Task RemoveClusterAsync(ClusterSummaryDto row) => AttemptAsync(async () =>
    {
        var question = new ConfirmQuestion(RiskTier.High, $"Remove {row.DisplayName}", $"Its history, settings and {row.Brokers?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "unknown number of"} brokers disappear from this product. Kafka itself is not touched.", "Remove cluster", row.Id, []);
        if (await question.AskAsync(Dialogs) is { } reason)
        {
            await Api.RemoveClusterAsync(row.Id, reason, CancellationToken.None);
        }
    });

    private Task ResetPasswordAsync(UserDto row) => AttemptAsync(async () =>
    {
        var question = new ConfirmQuestion(RiskTier.Medium, $"New password for {row.Name}", $"The present password of {row.Name} stops working at once; the new one is shown here once and must be changed at log-in.", "Issue new password", row.Name, []);
        if (await question.AskAsync(Dialogs) is not null)
        {
            var issued = await Api.ResetPasswordAsync(row.Name, CancellationToken.None);
            await Dialogs.OpenAsync<SecretOnce>($"One-time password of {row.Name}", new() { [nameof(SecretOnce.Secret)] = issued.OneTimePassword }, DialogSize.Narrow);
        }
    });

    private Task RemoveUserAsync(UserDto row) => AttemptAsync(async () =>
    {
        if (await new ConfirmQuestion(RiskTier.High, $"Remove {row.Name}", $"{row.Name} can no longer log in. The audit trail keeps what was done.", "Remove user", row.Name, []).AskAsync(Dialogs) is not null)
        {
            await Api.RemoveUserAsync(row.Name, CancellationToken.None);
        }
    });

    private Task RevokeAsync(TokenDto row) => AttemptAsync(async () =>
    {
        if (await new ConfirmQuestion(RiskTier.Medium, $"Revoke {row.Name}", $"Whatever uses the token {row.Prefix}… is refused from now on.", "Revoke token", row.Name, []).AskAsync(Dialogs) is not null)
        {
            await Api.RevokeTokenAsync(row.Id, CancellationToken.None);
        }
    });

    private async Task AttemptAsync(Func<Task> attempt)
    {
        try
        {
            await attempt();
            await Frame.BeatAsync();
        }
        catch (ApiProblemException exception)
        {
            Notices.Notify(NotificationSeverity.Error, exception.Problem.Title, exception.Problem.Sentence, 10_000);
        }
    }
}
