using System.Text.Json.Serialization;

namespace ControlPlane.Contracts;

/// <summary>The five status words of API, pages, alerts and exit codes.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<StatusWord>))]
public enum StatusWord
{
    [JsonStringEnumMemberName("OK")]
    Ok,

    [JsonStringEnumMemberName("WARN")]
    Warn,

    [JsonStringEnumMemberName("CRIT")]
    Crit,

    [JsonStringEnumMemberName("UNKNOWN")]
    Unknown,

    [JsonStringEnumMemberName("MAINT")]
    Maint,
}

/// <summary>One thing worth knowing; worst first in every list.</summary>
public sealed record FindingDto(StatusWord Status, string Kind, string Subject, string Sentence, DateTimeOffset? Since);

/// <summary>How fresh one kind of data is, and which parts of it are missing.</summary>
/// <param name="AgeSeconds">Since the last success; null where there was none.</param>
/// <param name="IsStale">Older than three intervals.</param>
public sealed record FreshnessDto(
    string Kind,
    double IntervalSeconds,
    DateTimeOffset? LastSuccess,
    double? AgeSeconds,
    bool IsStale,
    double? TookSeconds,
    long Requests,
    long BytesSent,
    long BytesReceived,
    IReadOnlyList<FailureDto> Failures);

/// <summary>Why a part is missing: which broker (null: the whole request), what was asked, why, and what to do next.</summary>
public sealed record FailureDto(int? BrokerId, string Api, string Kind, string Message);
