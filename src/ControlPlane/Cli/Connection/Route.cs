using System.Globalization;
using System.Text;

namespace ControlPlane.Cli.Connection;

/// <summary>Paths of the API with every part escaped, and a query without its empty parts.</summary>
internal static class Route
{
    public static string Of(params string[] parts) => string.Join('/', parts.Select(Uri.EscapeDataString));

    public static string With(this string path, params (string Name, object? Value)[] query)
    {
        var text = new StringBuilder(path);
        var separator = '?';
        foreach (var (name, value) in query)
        {
            var word = value switch
            {
                null => null,
                bool flag => flag ? "true" : "false",
                DateTimeOffset time => time.ToString("O", CultureInfo.InvariantCulture),
                IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
                _ => value.ToString(),
            };
            if (!string.IsNullOrEmpty(word))
            {
                text.Append(separator).Append(name).Append('=').Append(Uri.EscapeDataString(word));
                separator = '&';
            }
        }

        return text.ToString();
    }
}
