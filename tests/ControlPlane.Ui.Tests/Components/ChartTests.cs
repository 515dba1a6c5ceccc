using Bunit;
using ControlPlane.Contracts;
using ControlPlane.Ui.Components;

namespace ControlPlane.Ui.Tests.Components;

public sealed class ChartTests : PageContext
{
    private static readonly DateTimeOffset To = FakeFleet.Now;
    private static readonly DateTimeOffset From = To.AddHours(-1);

    [Fact]
    public void Events_near_each_other_are_one_mark_of_the_worst_status_and_those_outside_are_none()
    {
        var marks = EventMark.Of(
            [
                new(To.AddMinutes(1), "broker", "broker 1", StatusWord.Crit, "after the range"),
                new(To.AddMinutes(-12), "controller", "cluster", StatusWord.Ok, "Controller 1 is active, was 3."),
                new(To.AddMinutes(-12.5), "broker", "broker 3", StatusWord.Crit, "Broker 3 is down."),
                new(To.AddMinutes(-40), "broker", "broker 2", StatusWord.Maint, "Broker 2 is restarting."),
            ],
            From,
            To);

        Assert.Equal([(1, StatusWord.Maint), (2, StatusWord.Crit)], marks.Select(mark => (mark.Count, mark.Status)));
        Assert.Equal(1 / 3d, marks[0].Share, 3);
        var lines = marks[1].Text.Split('\n');
        Assert.EndsWith("Broker 3 is down.", lines[0], StringComparison.Ordinal); // oldest first, as it came about
        Assert.EndsWith("was 3.", lines[1], StringComparison.Ordinal);
    }

    [Fact]
    public void A_hundred_events_at_once_are_one_mark_that_tells_eight()
    {
        var mark = Assert.Single(EventMark.Of(Enumerable.Range(0, 100).Select(i => new ClusterEventDto(To.AddMinutes(-9), "broker", $"broker {i}", StatusWord.Warn, $"Broker {i}.")), From, To));

        Assert.Equal(9, mark.Text.Split('\n').Length);
        Assert.EndsWith("92 more", mark.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Charts_of_a_cluster_mark_its_events_and_share_one_question()
    {
        var page = Visit<Pages.Overview>("/c/troubled", ("Cluster", "troubled"));

        page.WaitForAssertion(() => Assert.Equal(2, page.FindAll("[data-testid=event-mark][aria-label*='Broker 4 is down']").Count));
        Assert.Equal(2, Answers.Calls.Count(call => call == "events troubled")); // the marks of both charts, and the list
        Assert.Contains("Controller 2 is active", page.Find("[data-testid=last-events] li").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public void A_quiet_cluster_says_that_nothing_changed()
    {
        var page = Visit<Pages.Overview>("/c/production", ("Cluster", "production"));

        Assert.Contains("Nothing changed in the last 24 hours", page.Find("[data-testid=last-events]").TextContent, StringComparison.Ordinal);
        Assert.Empty(page.FindAll("[data-testid=event-mark]"));
    }

    [Fact]
    public async Task A_click_in_the_legend_isolates_a_curve_and_a_second_one_brings_all_back()
    {
        var chart = Chart(3);
        await chart.FindAll(".legend button")[1].ClickAsync(new());
        Assert.Single(chart.FindAll("svg path.s2"));
        Assert.Empty(chart.FindAll("svg path.s1"));

        await chart.FindAll(".legend button")[1].ClickAsync(new());

        Assert.Single(chart.FindAll("svg path.s1"));
    }

    [Fact]
    public async Task The_isolated_curve_stays_the_same_one_when_a_renewal_brings_another_order()
    {
        var chart = Chart(3);
        await chart.FindAll(".legend button")[2].ClickAsync(new());

        chart.Render(parameters => parameters.Add(one => one.History, History("m2", "m0", "m1")).Add(one => one.Metrics, [("m2", "m2"), ("m0", "m0"), ("m1", "m1")]));

        Assert.Single(chart.FindAll("svg path.s1"));
        Assert.Equal("true", chart.FindAll(".legend button")[0].GetAttribute("aria-pressed"));
    }

    [Fact]
    public void More_than_eight_curves_fold_into_others()
    {
        var chart = Chart(11);

        Assert.Equal(8, chart.FindAll(".legend button").Count);
        Assert.Contains("4 others", chart.FindAll(".legend button")[^1].TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public void A_threshold_is_drawn_with_its_name_and_never_outside_the_plot()
    {
        var chart = Render<TimeChart>(parameters => parameters.Add(one => one.Title, "Disk").Add(one => one.History, History("m0")).Add(one => one.Metrics, [("m0", "Used")]).Add(one => one.Threshold, 5_000d).Add(one => one.ThresholdName, "80 %"));

        var line = chart.Find(".threshold");
        Assert.Equal("80 %", line.TextContent);
        Assert.Contains("bottom: 100%", line.GetAttribute("style"), StringComparison.Ordinal);
        Assert.Contains("is-high", line.ClassName, StringComparison.Ordinal); // its name stands below the line, where there is room
    }

    private static HistoryDto History(params string[] metrics) =>
        new(From, To, 60, [.. metrics.Select(metric => new HistorySeriesDto(metric, "", "bytes_per_second", [.. Enumerable.Range(0, 60).Select(i => (double?)(i + metric.Length))], []))]);

    private IRenderedComponent<TimeChart> Chart(int curves)
    {
        var names = Enumerable.Range(0, curves).Select(i => $"m{i}").ToArray();
        return Render<TimeChart>(parameters => parameters.Add(one => one.Title, "Throughput").Add(one => one.History, History(names)).Add(one => one.Metrics, [.. names.Select(name => (name, name))]));
    }
}
