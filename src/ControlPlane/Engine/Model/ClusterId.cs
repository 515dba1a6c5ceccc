using System.Diagnostics.CodeAnalysis;

namespace ControlPlane.Engine.Model;

/// <summary>The name a managed Kafka cluster has in URLs, logs, metrics and the database. Never changes once given.</summary>
public readonly record struct ClusterId : IComparable<ClusterId>
{
    public const int MaxLength = 63;

    public const string Expected = "1 to 63 characters: a-z, 0-9 and '-', beginning and ending with a letter or digit";

    public ClusterId(string value)
    {
        if (!IsValid(value))
        {
            throw new ArgumentException($"'{value}' is not a cluster id. Expected {Expected}.", nameof(value));
        }

        Value = value;
    }

    public string Value { get; }

    public static bool TryParse([NotNullWhen(true)] string? text, out ClusterId id)
    {
        id = IsValid(text) ? new ClusterId(text) : default;
        return id.Value is not null;
    }

    public int CompareTo(ClusterId other) => string.CompareOrdinal(Value, other.Value);

    public override string ToString() => Value;

    private static bool IsValid([NotNullWhen(true)] string? value) =>
        value is { Length: > 0 and <= MaxLength }
        && value.All(c => c is (>= 'a' and <= 'z') or (>= '0' and <= '9') or '-')
        && value[0] != '-'
        && value[^1] != '-';
}
