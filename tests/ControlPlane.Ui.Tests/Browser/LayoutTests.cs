using Microsoft.Playwright;

namespace ControlPlane.Ui.Tests.Browser;

/// <summary>Every page at every width in both themes. KCP_SCREENSHOTS=folder keeps a picture of each, KCP_PAGES=heat looks only at pages whose name has that in it.</summary>
[Collection(nameof(Chromium))]
public sealed class LayoutTests(Chromium chromium)
{
    private static readonly (string Name, string Path)[] Pages =
    [
        ("fleet", "/"), ("overview", "/c/production"), ("overview-troubled", "/c/troubled"), ("overview-long", "/c/long"), ("overview-stale", "/c/stale"), ("overview-empty", "/c/empty"),
        ("overview-broken", "/c/broken"), ("overview-denied", "/c/denied"), ("brokers", "/c/troubled/brokers"), ("brokers-huge", "/c/huge/brokers"), ("brokers-empty", "/c/empty/brokers"),
        ("broker", "/c/troubled/brokers/4"), ("broker-long", "/c/long/brokers/1?tab=partitions"), ("broker-configs", "/c/production/brokers/1?tab=configs"), ("topics", "/c/production/topics"),
        ("topics-huge", "/c/huge/topics"), ("topics-long", "/c/long/topics"), ("topics-empty", "/c/empty/topics"), ("topic", "/c/troubled/topics/payments"), ("topic-map", "/c/troubled/topics/payments?tab=map"),
        ("topic-map-picked", "/c/troubled/topics/payments?tab=map&cells=0-11,0-5"), ("brokers-filtered", "/c/production/brokers?f.id=>2"), ("topic-configs", "/c/production/topics/orders?tab=configs"), ("topic-groups", "/c/long/topics/orders?tab=groups"), ("partitions", "/c/troubled/partitions?state=offline"), ("partitions-long", "/c/long/partitions"),
        ("partitions-empty", "/c/production/partitions"), ("groups", "/c/production/groups"), ("groups-huge", "/c/huge/groups"), ("group", "/c/production/groups/checkout-service"), ("group-topic", "/c/production/groups/many-topics?topic=orders"), ("group-topic-unkept", "/c/production/groups/many-topics?topic=refunds"), ("group-long", "/c/long/groups/checkout-service"),
        ("group-stale", "/c/stale/groups/checkout-service"), ("group-moment", $"/c/production/groups/checkout-service?at={FakeFleet.Now.AddMinutes(-90):yyyy-MM-ddTHH:mm:ssZ}"), ("audit", "/audit"), ("admin", "/admin"), ("admin-users", "/admin?tab=users"), ("admin-tokens", "/admin?tab=tokens"), ("admin-processes", "/admin?tab=processes"),
        ("anomalies", "/anomalies"), ("anomalies-long", "/c/long/anomalies?state=all"), ("anomalies-empty", "/c/empty/anomalies"), ("incident", $"/c/troubled/incidents/{FakeTroubles.Trouble}"), ("incident-long", $"/c/long/incidents/{FakeTroubles.Trouble}"), ("incident-lag", $"/c/long/incidents/{FakeTroubles.Lagging}"),
        ("incident-over", $"/c/troubled/incidents/{FakeTroubles.Over}"), ("incident-unknown", $"/c/troubled/incidents/{FakeTroubles.Unknown}"), ("plans", "/c/troubled/plans"), ("plans-empty", "/c/empty/plans"), ("plan", $"/c/troubled/plans/{FakeTroubles.Proposed}"),
        ("plan-huge", $"/c/huge/plans/{FakeTroubles.Executing}"), ("plan-long", $"/c/long/plans/{FakeTroubles.Stale}"), ("executions", "/c/troubled/executions"), ("execution", $"/c/troubled/executions/{FakeTroubles.Running}"), ("execution-long", $"/c/long/executions/{FakeTroubles.Ended}"),
        ("execution-huge", $"/c/huge/executions/{FakeTroubles.Running}"), ("deliveries", "/deliveries"), ("delivery", $"/deliveries/{FakeTroubles.Failed}"), ("alert-targets", "/alert-targets"), ("healing", "/c/troubled/healing"), ("healing-paused", "/c/stale/healing"), ("healing-denied", "/c/denied/healing"),
        ("rebalance", "/c/production/rebalance"), ("rebalance-running", $"/c/production/rebalance?run={FakeOptimizer.Searching}"), ("rebalance-no-way", $"/c/troubled/rebalance?mode=rack-repair&run={FakeOptimizer.NoWay}"), ("rebalance-filled", $"/c/long/rebalance?mode=minimal-repair&lane=disk&limit=75&brokers=4&excludedTopics=__.*&only={new string('o', 240)}:0,1,2&byteBudget=x"),
        ("rebalance-repair", "/c/troubled/rebalance?mode=fix-offline&balanceAfter=1&noReplicasOnto=3"), ("plan-repair", $"/c/troubled/plans/{FakeOptimizer.Repair}"), ("plan-repair-long", $"/c/long/plans/{FakeOptimizer.Repair}?lane=cpu"), ("rebalance-empty", "/c/empty/rebalance"), ("rebalance-broken", "/c/broken/rebalance"), ("plan-rebalance", $"/c/production/plans/{FakeOptimizer.Plan}"), ("plan-impossible", $"/c/troubled/plans/{FakeOptimizer.Impossible}"), ("plan-rebalance-huge", $"/c/huge/plans/{FakeOptimizer.Plan}?lane=cpu&by=topic"),
        ("plan-rebalance-long", $"/c/long/plans/{FakeOptimizer.Plan}?by=topic"), ("plan-rebalance-stale", $"/c/stale/plans/{FakeOptimizer.Plan}?lane=cpu&by=broker&throttle=400000000"), ("capacity", "/c/production/capacity"), ("capacity-what-if", "/c/production/capacity?changes=" + Uri.EscapeDataString("""[{"kind":"lose-rack","rack":"rack-1"},{"kind":"scale-topics","topics":"orders.*","factor":2}]""")),
        ("capacity-no-way", "/c/troubled/capacity?changes=" + Uri.EscapeDataString("""[{"kind":"lose-brokers","brokers":[4]}]""")), ("capacity-long", "/c/long/capacity"), ("capacity-huge", "/c/huge/capacity"), ("capacity-stale", "/c/stale/capacity"), ("capacity-empty", "/c/empty/capacity"), ("heatmap", "/c/production/heatmap"), ("heatmap-picked", "/c/production/heatmap?by=partition&colour=size&cells=2-9,0-3"),
        ("heatmap-huge", "/c/huge/heatmap?colour=bytesIn"), ("heatmap-long", "/c/long/heatmap?by=partition&colour=leaders&cells=0-150,0-5"), ("heatmap-empty", "/c/empty/heatmap"), ("heatmap-nothing", "/c/empty/heatmap?topics=nothing"), ("login", "/login"), ("login-wrong", "/login?error=wrong"), ("password", "/password"), ("not-found", "/not-found"),
    ];

    /// <summary>What is wrong with the geometry of the page, in words; empty when nothing is.</summary>
    private const string Judge = """
        () => {
          const wrong = [];
          const root = document.documentElement;
          if (root.scrollWidth > root.clientWidth) {
            const wide = [...document.querySelectorAll('body *')].find(e => e.getBoundingClientRect().right > root.clientWidth + 1 && !e.closest('.scroll, .map, .tabs, .sr-only, .skip'));
            wrong.push(`the page scrolls sideways (${root.scrollWidth} > ${root.clientWidth}), first by ${wide?.tagName}.${wide?.className} ${wide?.textContent.slice(0, 40)}`);
          }
          const shown = e => e.getClientRects().length && getComputedStyle(e).visibility !== 'hidden' && !e.closest('.sr-only, .skip, details:not([open]) > .sheet');
          for (const e of document.querySelectorAll('h1, h2, button, a, .chip, .value, .label, .note, td, th, .tag, p, li')) {
            if (!shown(e) || e.scrollWidth <= e.clientWidth + 1 || e.clientWidth === 0) { continue; }
            const style = getComputedStyle(e);
            const isCut = style.overflowX !== 'visible' && style.textOverflow !== 'ellipsis' && style.overflowX !== 'auto';
            if (isCut) { wrong.push(`cut without an ellipsis: ${e.tagName}.${e.className} "${e.textContent.trim().slice(0, 40)}"`); }
            if (style.overflowX === 'visible' && style.display !== 'inline') { wrong.push(`runs out of its box: ${e.tagName}.${e.className} "${e.textContent.trim().slice(0, 40)}"`); }
          }
          const boxes = [...document.querySelectorAll('.topbar > *, .head .title, .head .actions, .stat, .card > header, .content > .stack > *')].filter(shown).map(e => [e, e.getBoundingClientRect()]);
          for (let i = 0; i < boxes.length; i++) {
            for (let j = i + 1; j < boxes.length; j++) {
              const [a, x] = boxes[i], [b, y] = boxes[j];
              if (a.contains(b) || b.contains(a) || a.parentElement !== b.parentElement) { continue; }
              const w = Math.min(x.right, y.right) - Math.max(x.left, y.left), h = Math.min(x.bottom, y.bottom) - Math.max(x.top, y.top);
              if (w > 1 && h > 1) { wrong.push(`${a.className} overlaps ${b.className}`); }
            }
          }
          return wrong.slice(0, 6);
        }
        """;

    /// <summary>Texts whose contrast to what lies behind them is below WCAG AA, in words. Hatching counts as its ground.</summary>
    private const string JudgeContrast = """
        () => {
          const parse = text => {
            const found = text.match(/[\d.]+(e-?\d+)?/g)?.map(Number) ?? [0, 0, 0, 0];
            const scale = text.startsWith('color(') ? 255 : 1;
            return { rgb: found.slice(0, 3).map(part => part * scale), alpha: found[3] ?? 1 };
          };
          const light = rgb => rgb.map(part => part / 255).map(part => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4).reduce((sum, part, i) => sum + part * [0.2126, 0.7152, 0.0722][i], 0);
          const ground = element => {
            for (let e = element; e; e = e.parentElement) {
              const colour = parse(getComputedStyle(e).backgroundColor);
              if (colour.alpha > 0.99) { return colour.rgb; }
            }
            return [255, 255, 255];
          };
          const wrong = new Set();
          for (const e of document.querySelectorAll('body *')) {
            if (![...e.childNodes].some(node => node.nodeType === 3 && node.nodeValue.trim()) || !e.getClientRects().length || e.closest('script, style, .sr-only, .skip, option, :disabled, [aria-disabled=true], .is-off')) { continue; }
            const style = getComputedStyle(e);
            const [a, b] = [light(parse(e.namespaceURI.endsWith('svg') ? style.fill : style.color).rgb), light(ground(e))].sort((x, y) => y - x);
            const size = parseFloat(style.fontSize), isLarge = size >= 24 || size >= 18.66 && style.fontWeight >= 600;
            const ratio = (a + 0.05) / (b + 0.05);
            if (ratio < (isLarge ? 3 : 4.5)) { wrong.add(`contrast ${ratio.toFixed(2)}: ${e.tagName}.${e.className.baseVal ?? e.className} "${e.textContent.trim().slice(0, 30)}"`); }
          }
          return [...wrong].slice(0, 4);
        }
        """;

    private static readonly int[] Widths = [390, 768, 1280, 1920];

    [Fact]
    public async Task Nothing_overlaps_nothing_is_cut_no_page_scrolls_sideways_and_all_texts_can_be_read()
    {
        var page = await chromium.VisitAsync(1280, isDark: false);
        var folder = Environment.GetEnvironmentVariable("KCP_SCREENSHOTS");
        var wrong = new List<string>();
        var only = Environment.GetEnvironmentVariable("KCP_PAGES") ?? "";
        foreach (var (name, path) in Pages.Where(one => one.Name.Contains(only, StringComparison.Ordinal)))
        {
            await page.SetViewportSizeAsync(1280, 900);
            var answer = await page.GotoAsync(path, new() { WaitUntil = WaitUntilState.Load });
            if (answer!.Status >= 500)
            {
                wrong.Add($"{name}: the page answers {answer.Status}"); // whatever stands in its place may well look fine
                continue;
            }

            await page.WaitForFunctionAsync("() => document.querySelector('h1') && (window.kcpInteractive || !document.querySelector('script[data-interactive]'))");
            foreach (var isDark in new[] { false, true })
            {
                // A theme changes colours only, a width geometry only: each is judged once.
                await page.EmulateMediaAsync(new() { ColorScheme = isDark ? ColorScheme.Dark : ColorScheme.Light });
                wrong.AddRange((await page.EvaluateAsync<string[]>(JudgeContrast)).Select(found => $"{name}, {(isDark ? "dark" : "light")}: {found}"));
                foreach (var width in isDark && folder is null ? [] : Widths)
                {
                    await page.SetViewportSizeAsync(width, width < 768 ? 844 : 900);
                    wrong.AddRange((await page.EvaluateAsync<string[]>(Judge)).Select(found => $"{name} at {width} px: {found}"));
                    if (folder is not null)
                    {
                        await page.ScreenshotAsync(new() { Path = Path.Combine(folder, $"{name}-{width}-{(isDark ? "dark" : "light")}.png"), FullPage = true });
                    }
                }
            }
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong.Distinct()));
    }
}
