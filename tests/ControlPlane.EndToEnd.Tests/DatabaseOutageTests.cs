using System.Net.Http.Json;
using ControlPlane.Contracts;
using ControlPlane.EndToEnd.Tests.Staging;
using ControlPlane.Testing;
using Microsoft.Playwright;

namespace ControlPlane.EndToEnd.Tests;

/// <summary>The database dies under the running product, and comes back.</summary>
[Collection(Row.Others)]
public sealed class DatabaseOutageTests(Stage stage)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Pages_say_that_the_database_is_gone_and_recover_when_it_returns_with_nothing_lost()
    {
        await using var postgres = await StartAsync(); // its own: other stories go on with theirs
        await using var product = await ProductProcess.StartAsync(await postgres.CreateDatabaseAsync("story", template: null, Token), settings: null, Token);
        await using var visitor = await stage.VisitAsync(product);
        await visitor.LogInFirstAsync();
        using (var answer = await product.Http.PostAsJsonAsync("/api/v1/clusters", new CreateClusterRequest { Id = "sim", Kind = ClusterKind.Simulated }, Json.Options, Token))
        {
            Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(Token));
        }

        await visitor.GoAsync("/c/sim");
        await Assertions.Expect(visitor.Page.GetByTestId("overview-stats")).ToContainTextAsync("6/6");

        await postgres.KillAsync(Token);
        try
        {
            await visitor.Page.GetByTestId("user-menu").WaitForAsync();
            await visitor.Page.GotoAsync("/audit", new() { Timeout = 120_000 });
            var said = visitor.Page.GetByText("database", new() { Exact = false }).First;
            try
            {
                await said.WaitForAsync(new() { Timeout = 120_000 }); // the page asks a database that is not there, a few times
            }
            catch (TimeoutException)
            {
                Assert.Fail($"{visitor.Page.Url} says nothing of a database but: {await visitor.Page.InnerTextAsync("body")}");
            }

            TestContext.Current.TestOutputHelper?.WriteLine($"without a database the audit page says: {await said.InnerTextAsync()}");
            Assert.True(product.IsRunning);
        }
        finally
        {
            await postgres.StartAsync(Token);
        }

        await product.UntilAsync<Page<ClusterSummaryDto>>("/api/v1/clusters", page => page.Items.Any(row => row is { Id: "sim", BrokersUp: 6, DataAgeSeconds: < 15 }), TimeSpan.FromSeconds(120), Token);
        await visitor.GoAsync("/audit");
        await Assertions.Expect(visitor.Page.GetByTestId("audit-table")).ToContainTextAsync("sim");
        await visitor.GoAsync("/c/sim");
        await Assertions.Expect(visitor.Page.GetByTestId("overview-stats")).ToContainTextAsync("6/6");
    }

    private static async Task<PostgresServer> StartAsync()
    {
        try
        {
            return await PostgresServer.StartNewAsync(Token);
        }
        catch (PostgresMissingException ex)
        {
            throw Stage.Missing(ex.Message);
        }
    }
}
