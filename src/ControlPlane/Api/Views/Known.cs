using System.Text.Json;
using ControlPlane.Contracts;
using ControlPlane.Engine.Model;

namespace ControlPlane.Api.Views;

/// <summary>Turns the model's marks for "unknown" (NaN, -1) into null, and its words into those of the contract.</summary>
internal static class Known
{
    public static double? Rate(double value) => double.IsNaN(value) ? null : value;

    public static long? Count(long value) => value < 0 ? null : value;

    public static int? Count(int value) => value < 0 ? null : value;

    public static StatusWord Word(Status status) => status switch
    {
        Status.Ok => StatusWord.Ok,
        Status.Warn => StatusWord.Warn,
        Status.Crit => StatusWord.Crit,
        Status.Unknown => StatusWord.Unknown,
        Status.Maint => StatusWord.Maint,
        _ => throw new InvalidOperationException($"Unhandled status {status}"),
    };

    public static FindingDto Finding(Finding finding) =>
        new(Word(finding.Status), finding.Kind, finding.Subject, finding.Sentence, finding.Since);

    public static FailureDto Failure(SampleFailure failure) =>
        new(failure.BrokerId, failure.Api, Camel(failure.Kind.ToString()), failure.Message);

    public static string Camel(string word) => JsonNamingPolicy.CamelCase.ConvertName(word);

    /// <summary>Order of urgency for lists that show the worst first.</summary>
    public static int Urgency(StatusWord status) => status switch
    {
        StatusWord.Crit => 0,
        StatusWord.Unknown => 1,
        StatusWord.Warn => 2,
        StatusWord.Maint => 3,
        StatusWord.Ok => 4,
        _ => throw new InvalidOperationException($"Unhandled status {status}"),
    };
}
