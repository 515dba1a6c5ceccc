using System.Collections;
using System.Globalization;
using System.Reflection;
using ControlPlane.Hosting;

namespace ControlPlane.Host.Tests.Architecture;

/// <summary>docs/settings.md names every setting there is, with its default of now, and none that is not.</summary>
public sealed class SettingsPageTests
{
    private static readonly string[] Rows = [.. File.ReadAllLines(Path.Combine(SourceTree.FindRoot(AppContext.BaseDirectory), "docs", "settings.md")).Where(line => line.StartsWith("| `", StringComparison.Ordinal) && line.Split('`')[1].Contains(':', StringComparison.Ordinal))];

    private static IReadOnlyList<Setting> Settings =>
    [
        .. from type in typeof(HostingOptions).Assembly.GetTypes()
           where type.Name.EndsWith("Options", StringComparison.Ordinal)
           let section = type.GetField("Section", BindingFlags.Public | BindingFlags.Static)?.GetRawConstantValue() as string
           where section is not null
           let options = Activator.CreateInstance(type)
           from property in type.GetProperties()
           where property.CanWrite
           select new Setting($"{section}:{property.Name}", Text(property.GetValue(options))),
    ];

    [Fact]
    public void Every_setting_is_there_with_its_default()
    {
        Assert.True(Settings.Count > 35, "the options were not found");
        var missing = Settings.Select(Beginning).Where(expected => !Rows.Any(row => row.StartsWith(expected, StringComparison.Ordinal)));

        Assert.True(!missing.Any(), $"docs/settings.md lacks these rows, or has another default:\n{string.Join("unit | what it does |\n", missing)}unit | what it does |");
    }

    [Fact]
    public void No_row_is_about_a_setting_that_is_gone_or_says_nothing()
    {
        var keys = Settings.Select(setting => setting.Key).ToHashSet(StringComparer.Ordinal);

        Assert.All(Rows, row =>
        {
            var cells = row.Trim('|').Split('|', StringSplitOptions.TrimEntries);
            Assert.Contains(cells[0].Trim('`'), keys);
            Assert.Equal(5, cells.Length);
            Assert.True(cells[3].Length > 0 && cells[4].Length > 10, row);
        });
        Assert.Equal(Rows.Length, Rows.Select(row => row.Split('`')[1]).Distinct(StringComparer.Ordinal).Count());
    }

    private static string Beginning(Setting setting) =>
        $"| `{setting.Key}` | `{setting.Key.Replace(":", "__", StringComparison.Ordinal)}` | {setting.Default} | ";

    private static string Text(object? value) => value switch
    {
        null or "" => "(empty)",
        bool isOn => isOn ? "true" : "false",
        TimeSpan time => time.ToString("c", CultureInfo.InvariantCulture),
        string text => text,
        IEnumerable list => string.Join(", ", list.Cast<object>()) is { Length: > 0 } entries ? entries : "(empty)",
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString()!,
    };

    private sealed record Setting(string Key, string Default);
}
