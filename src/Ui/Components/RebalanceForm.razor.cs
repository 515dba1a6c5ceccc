using ControlPlane.Contracts;
using ControlPlane.Ui.Api;
using ControlPlane.Ui.Layout;
using Microsoft.AspNetCore.Components;

namespace ControlPlane.Ui.Components;

/// <summary>The form of the rebalance page: sends the wish and says what came of it.</summary>
public sealed partial class RebalanceForm
{
    private IReadOnlyDictionary<string, string> _errors = new Dictionary<string, string>(StringComparer.Ordinal);
    private readonly HashSet<string> _touched = new(StringComparer.Ordinal);
    private ApiProblem? _problem;
    private bool _isBusy;
    private bool _isOpen;

    [Parameter, EditorRequired] public string Cluster { get; set; } = "";

    [Parameter, EditorRequired] public RebalanceEdit Edit { get; set; } = null!;

    /// <summary>A search runs already.</summary>
    [Parameter] public bool IsRunning { get; set; }

    [Parameter] public EventCallback<OptimizerRunDto> Started { get; set; }

    [Inject] private IControlPlaneApi Api { get; set; } = null!;

    [Inject] private Frame Frame { get; set; } = null!;

    private string Lane => Edit["lane"].Length == 0 ? Format.Lanes.Limitable[0] : Edit["lane"];

    private string? Refusal => Frame.Denied(Role.Operator)
        ?? (IsRunning ? "A search of this cluster is running; stop it or wait for it" : _isBusy ? "Asking" : _errors.Count > 0 ? $"{_errors.Keys.First()}: {_errors.Values.First()}" : null);

    protected override void OnParametersSet()
    {
        _errors = Edit.Errors();
        _isOpen |= Edit.Further > 0;
    }

    private void Choose(RebalanceMode mode)
    {
        Edit.Mode = mode;
        _touched.Clear();
        (_errors, _problem) = (Edit.Errors(), null);
    }

    private void Take(RebalancePreset preset)
    {
        preset.Fill(Edit);
        (_errors, _problem) = (Edit.Errors(), null);
    }

    private void Type(string name, string text)
    {
        Edit[name] = text;
        _touched.Add(name);
        (_errors, _problem) = (Edit.Errors(), null);
    }

    /// <summary>What is empty and needed is no error before it was touched: the button says it.</summary>
    private string? Error(string name) => _errors.TryGetValue(name, out var error) && (_touched.Contains(name) || Edit[name].Length > 0) ? error : FieldError(name);

    /// <summary>The API names fields by their path, such as options.excludedTopics or options.limits[0].limit.</summary>
    private string? FieldError(string name)
    {
        var known = name switch { "throttle" => "throttleBytesPerSecond", "moves" => "movesPerBroker", "deadline" => "deadlineSeconds", _ => name };
        return _problem?.FieldErrors?.Where(error => error.Key.Split('.')[^1].Split('[')[0].Equals(known, StringComparison.OrdinalIgnoreCase)).SelectMany(error => error.Value).FirstOrDefault();
    }

    private async Task ProposeAsync()
    {
        if (Refusal is not null)
        {
            return;
        }

        (_isBusy, _problem) = (true, null);
        try
        {
            var request = Edit.Request();
            if (Edit.IsAtOnce)
            {
                var made = await Api.CreatePlanAsync(Cluster, request, CancellationToken.None);
                Frame.Go(Frame.Link("c", Cluster, "plans", made.Plan.Id.ToString("D")));
                return;
            }

            await Started.InvokeAsync(await Api.StartOptimizerRunAsync(Cluster, request, CancellationToken.None));
        }
        catch (ApiProblemException exception)
        {
            _problem = exception.Problem;
        }
        finally
        {
            _isBusy = false;
        }
    }
}
