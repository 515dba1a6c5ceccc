using ControlPlane.Contracts;
using ControlPlane.Host.Tests.Storage;
using ControlPlane.Storage;

namespace ControlPlane.Host.Tests.Api;

/// <summary>A change and its audit entry: both or neither, for each kind of change that PostgreSQL holds.</summary>
public sealed class AuditedChangeTests(ApiFixture api) : ApiTests(api)
{
    /// <summary>As a full disk does it, for entries of one action.</summary>
    private static string Breaks(string action) =>
        $"""
        CREATE OR REPLACE FUNCTION break_audit() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF NEW.action = '{action}' AND NEW.outcome = 'succeeded' THEN RAISE EXCEPTION 'no space left' USING ERRCODE = '53100'; END IF;
            RETURN NEW;
        END $$;
        CREATE OR REPLACE TRIGGER break_audit BEFORE INSERT ON audit FOR EACH ROW EXECUTE FUNCTION break_audit();
        """;

    [Fact]
    public async Task A_user_is_neither_added_edited_nor_removed_without_its_entry()
    {
        await Host.UserAsync("kept", ControlPlane.Storage.Role.Viewer);
        await RefusedAsync("user.add", HttpMethod.Post, "/api/v1/users", new CreateUserRequest("unrecorded", Contracts.Role.Viewer));
        await RefusedAsync("user.edit", HttpMethod.Put, "/api/v1/users/kept", new UpdateUserRequest(Contracts.Role.Operator, true));
        await RefusedAsync("user.password", HttpMethod.Post, "/api/v1/users/kept/password", null);
        await RefusedAsync("user.remove", HttpMethod.Delete, "/api/v1/users/kept", null);

        var users = Host.Get<UserStore>();
        Assert.Null(await users.FindAsync("unrecorded", Token));
        var kept = await users.FindAsync("kept", Token);
        Assert.Equal((ControlPlane.Storage.Role.Viewer, false, false), (kept!.Role, kept.Disabled, kept.MustChangePassword));
        Assert.IsType<SignIn.Succeeded>(await users.SignInAsync("kept", ApiHost.Password, Token));
    }

    [Fact]
    public async Task A_token_is_neither_created_nor_revoked_without_its_entry()
    {
        var tokens = Host.Get<TokenStore>();
        var kept = await tokens.CreateAsync("kept", ControlPlane.Storage.Role.Viewer, "test", null, Token);
        await RefusedAsync("token.add", HttpMethod.Post, "/api/v1/tokens", new CreateTokenRequest("unrecorded", Contracts.Role.Viewer, 30));
        await RefusedAsync("token.revoke", HttpMethod.Delete, $"/api/v1/tokens/{kept.Token.Id}", null);

        Assert.DoesNotContain(await tokens.ListAsync(Token), token => token.Name == "unrecorded");
        Assert.NotNull(await tokens.AuthenticateAsync(kept.Secret, Token));
    }

    [Fact]
    public async Task A_cluster_is_neither_added_edited_nor_removed_without_its_entry()
    {
        await Host.PublishAsync(A.Cluster("kept").Brokers(1).Build());
        await RefusedAsync("cluster.add", HttpMethod.Post, "/api/v1/clusters", new CreateClusterRequest { Id = "unrecorded", Kind = Contracts.ClusterKind.Simulated });
        var tag = (await Host.GetAsync("/api/v1/clusters/kept", Operator)).Is(200).Tag;
        await RefusedAsync("cluster.edit", HttpMethod.Put, "/api/v1/clusters/kept", new UpdateClusterRequest { DisplayName = "Other", Connection = new ConnectionRequest { BootstrapServers = "b2.example:9092" } }, ("If-Match", tag!));
        await RefusedAsync("cluster.remove", HttpMethod.Delete, "/api/v1/clusters/kept", null);

        var clusters = Host.Get<ClusterStore>();
        Assert.Null(await clusters.FindAsync(new("unrecorded"), Token));
        var kept = await clusters.FindAsync(new("kept"), Token);
        Assert.Equal(("kept", 1), (kept!.Definition.Name, kept.Version));
    }

    [Fact]
    public async Task A_refused_part_of_a_change_undoes_the_other_part_and_is_recorded_as_refused()
    {
        await Host.UserAsync("chief", ControlPlane.Storage.Role.Viewer);

        // Made admin and then disabled: the second part would leave no admin.
        (await Host.SendAsync(HttpMethod.Put, "/api/v1/users/chief", Admin, new UpdateUserRequest(Contracts.Role.Admin, true))).IsProblem(409);

        var chief = await Host.Get<UserStore>().FindAsync("chief", Token);
        Assert.Equal((ControlPlane.Storage.Role.Viewer, false), (chief!.Role, chief.Disabled));
        Assert.Equal(1, await Storage.ScalarAsync<long>("SELECT count(*) FROM audit WHERE action = 'user.edit' AND target = 'chief' AND outcome = 'refused'", Token));
    }

    private async Task RefusedAsync(string action, HttpMethod method, string path, object? body, params (string Name, string Value)[] headers)
    {
        await Storage.ExecuteAsync(Breaks(action), Token);
        try
        {
            var refused = (await Host.SendAsync(method, path, Admin, body, headers)).IsProblem(503);
            Assert.Contains("not-recorded", refused.Body, StringComparison.Ordinal);
            Assert.Contains("Nothing was changed", refused.Body, StringComparison.Ordinal);
            Assert.Contains("no disk space left", refused.Body, StringComparison.Ordinal);
        }
        finally
        {
            await Storage.ExecuteAsync("DROP TRIGGER break_audit ON audit", Token);
        }
    }
}
