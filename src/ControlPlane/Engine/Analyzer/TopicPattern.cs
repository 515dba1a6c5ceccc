using System.Text.RegularExpressions;

namespace ControlPlane.Engine.Analyzer;

/// <summary>Regular expressions over whole topic names. A pattern that explodes is refused instead of hanging.</summary>
public static class TopicPattern
{
    /// <summary>Most time that one expression may take on one name.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(200);

    /// <summary>By topic whether its whole name matches.</summary>
    /// <exception cref="OptimizerRefusal">It is not an expression, or takes too long.</exception>
    public static bool[] Match(IReadOnlyList<string> topics, string pattern, string field)
    {
        try
        {
            var regex = new Regex($"^(?:{pattern})$", RegexOptions.CultureInvariant, Patience);
            return [.. topics.Select(topic => regex.IsMatch(topic))];
        }
        catch (ArgumentException ex)
        {
            throw new OptimizerRefusal(field, $"'{pattern}' is not a regular expression: {ex.Message}");
        }
        catch (RegexMatchTimeoutException)
        {
            throw new OptimizerRefusal(field, $"'{pattern}' takes too long to match. Expected: an expression without nested repetitions.");
        }
    }
}
