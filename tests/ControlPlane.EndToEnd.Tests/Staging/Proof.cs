using System.Net.Http.Json;
using ControlPlane.Contracts;
using ControlPlane.Testing;

namespace ControlPlane.EndToEnd.Tests.Staging;

/// <summary>How the proofs of lag ask the product about the one cluster that it watches.</summary>
internal static class Proof
{
    public const string Root = "/api/v1/clusters/real";

    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static void Say(string what) => TestContext.Current.TestOutputHelper?.WriteLine($"{TimeProvider.System.GetUtcNow():HH:mm:ss} {what}");

    public static Task<GroupDetailDto> UntilAsync(ProductProcess product, string group, Func<GroupDetailDto, bool> condition) =>
        product.UntilAsync($"{Root}/groups/{group}", condition, Patience, Token);

    public static async Task<T> PostAsync<T>(ProductProcess product, string path, object body)
    {
        using var answer = await product.Http.PostAsJsonAsync(path, body, Json.Options, Token);
        Assert.True(answer.IsSuccessStatusCode, $"{path}: {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync(Token)}");
        return (await answer.Content.ReadFromJsonAsync<T>(Json.Options, Token))!;
    }
}
