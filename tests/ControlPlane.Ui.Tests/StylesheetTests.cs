using System.Globalization;
using System.Text.RegularExpressions;

namespace ControlPlane.Ui.Tests;

/// <summary>Reads the tokens out of the stylesheet and judges them as eyes would.</summary>
public sealed partial class StylesheetTests
{
    private static readonly Dictionary<string, (string Light, string Dark)> Tokens = Token().Matches(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "kcp.css")))
        .ToDictionary(match => match.Groups["name"].Value, match => (match.Groups["light"].Value, match.Groups["dark"].Value), StringComparer.Ordinal);

    private static readonly string[] Grounds = ["ground", "raised", "sunken"];
    private static readonly string[] Statuses = ["ok", "warn", "crit", "unknown", "maint"];

    public static TheoryData<string, string, double> Pairs()
    {
        var pairs = new TheoryData<string, string, double>();
        foreach (var ground in Grounds)
        {
            foreach (var text in (string[])["text", "text-muted", "text-faint", "accent", .. Statuses])
            {
                pairs.Add(text, ground, 4.5);
            }

            pairs.Add("line-strong", ground, 3); // borders of inputs
        }

        foreach (var status in Statuses)
        {
            pairs.Add(status, $"{status}-tint", 4.5);
            pairs.Add("text", $"{status}-tint", 4.5);
        }

        pairs.Add("on-accent", "accent", 4.5);
        pairs.Add("text", "accent-tint", 4.5);
        pairs.Add("text-muted", "accent-tint", 4.5);
        for (var series = 1; series <= 8; series++)
        {
            pairs.Add($"series-{series}", "raised", 3);
        }

        return pairs;
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public void Text_and_ground_reach_the_contrast_of_WCAG_AA_in_both_themes(string text, string ground, double least)
    {
        foreach (var pick in Themes())
        {
            var contrast = Contrast(Parse(pick(Tokens[text])), Parse(pick(Tokens[ground])));
            Assert.True(contrast >= least, $"{text} on {ground}: {contrast:0.00}, expected {least}");
        }
    }

    [Fact]
    public void Status_colours_stay_distinct_for_red_green_blind_eyes()
    {
        foreach (var pick in Themes())
        {
            foreach (var matrix in (double[][])[Protanopia, Deuteranopia])
            {
                foreach (var (one, other) in (ReadOnlySpan<(string, string)>)[("ok", "crit"), ("warn", "ok"), ("crit", "maint"), ("warn", "maint"), ("ok", "maint")])
                {
                    var distance = Distance(Simulate(Parse(pick(Tokens[one])), matrix), Simulate(Parse(pick(Tokens[other])), matrix));
                    Assert.True(distance >= 12, $"{one} and {other} are {distance:0.0} apart, expected 12 (CIE76)");
                }
            }
        }
    }

    [Fact]
    public void No_theme_uses_pure_black_or_pure_white()
    {
        Assert.All(Tokens.Values, token => Assert.DoesNotContain(token.Light.ToLowerInvariant(), (string[])["#ffffff", "#000000"]));
        Assert.All(Tokens.Values, token => Assert.DoesNotContain(token.Dark.ToLowerInvariant(), (string[])["#ffffff", "#000000"]));
    }

    [Fact]
    public void Colours_stand_in_the_first_rule_only()
    {
        var text = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "kcp.css"));
        var rest = text[text.IndexOf('}', StringComparison.Ordinal)..];

        Assert.DoesNotMatch(@"#[0-9a-fA-F]{3,8}[;\s)]", rest);
    }

    // Machado, Oliveira, Fernandes 2009, severity 1, on linear RGB.
    private static readonly double[] Protanopia = [0.152286, 1.052583, -0.204868, 0.114503, 0.786281, 0.099216, -0.003882, -0.048116, 1.051998];
    private static readonly double[] Deuteranopia = [0.367322, 0.860646, -0.227968, 0.280085, 0.672501, 0.047413, -0.011820, 0.042940, 0.968881];

    private static IEnumerable<Func<(string Light, string Dark), string>> Themes() => [token => token.Light, token => token.Dark];

    private static double[] Parse(string colour) => [.. Enumerable.Range(0, 3).Select(i =>
    {
        var value = int.Parse(colour.AsSpan(1 + (i * 2), 2), NumberStyles.HexNumber, CultureInfo.InvariantCulture) / 255d;
        return value <= 0.04045 ? value / 12.92 : Math.Pow((value + 0.055) / 1.055, 2.4);
    })];

    private static double Luminance(double[] linear) => (0.2126 * linear[0]) + (0.7152 * linear[1]) + (0.0722 * linear[2]);

    private static double Contrast(double[] one, double[] other)
    {
        var (high, low) = (Math.Max(Luminance(one), Luminance(other)), Math.Min(Luminance(one), Luminance(other)));
        return (high + 0.05) / (low + 0.05);
    }

    private static double[] Simulate(double[] c, double[] m) => [.. Enumerable.Range(0, 3).Select(i => Math.Clamp((m[i * 3] * c[0]) + (m[(i * 3) + 1] * c[1]) + (m[(i * 3) + 2] * c[2]), 0, 1))];

    private static double Distance(double[] one, double[] other) => Math.Sqrt(Lab(one).Zip(Lab(other)).Sum(pair => Math.Pow(pair.First - pair.Second, 2)));

    private static double[] Lab(double[] c)
    {
        static double F(double t) => t > 0.008856 ? Math.Cbrt(t) : (7.787 * t) + (16d / 116);
        var x = F(((0.4124 * c[0]) + (0.3576 * c[1]) + (0.1805 * c[2])) / 0.95047);
        var y = F(Luminance(c));
        var z = F(((0.0193 * c[0]) + (0.1192 * c[1]) + (0.9505 * c[2])) / 1.08883);
        return [(116 * y) - 16, 500 * (x - y), 200 * (y - z)];
    }

    [GeneratedRegex(@"--(?<name>[a-z0-9-]+): light-dark\((?<light>#[0-9a-f]{6}), (?<dark>#[0-9a-f]{6})\);", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex Token();
}
