using System.Net;
using ControlPlane.Engine.Model;
using ControlPlane.Storage;
using Npgsql;

namespace ControlPlane.Host.Tests.Storage;

public sealed class AccessTests(StorageServer server) : StorageTests(server)
{
    private UserStore Users => Storage.Get<UserStore>();

    private TokenStore Tokens => Storage.Get<TokenStore>();

    [Fact]
    public async Task Of_processes_that_start_together_one_gets_the_first_admin()
    {
        await using var other = AnotherProcess();
        var starts = Enumerable.Range(0, 8).Select(i => (i % 2 == 0 ? Users : other.Get<UserStore>()).EnsureFirstAdminAsync(Token));

        var admin = Assert.Single(await Task.WhenAll(starts), created => created is not null)!;

        var user = Assert.IsType<SignIn.Succeeded>(await Users.SignInAsync(admin.Name, admin.OneTimePassword, Token)).User;
        Assert.Equal((Role.Admin, true), (user.Role, user.MustChangePassword));
        Assert.Null(await Users.EnsureFirstAdminAsync(Token));
    }

    [Fact]
    public async Task A_changed_password_replaces_the_old_one_and_its_logins()
    {
        var admin = await Users.EnsureFirstAdminAsync(Token);
        var before = await Users.FindAsync("admin", Token);

        Assert.IsType<UserChange.Invalid>(await Users.ChangePasswordAsync("admin", "short", Token));
        Assert.IsType<UserChange.Invalid>(await Users.ChangePasswordAsync("admin", admin!.OneTimePassword, Token));
        Assert.IsType<UserChange.Invalid>(await Users.ChangePasswordAsync("admin", "my-admin-password", Token));
        var changed = Assert.IsType<UserChange.Changed>(await Users.ChangePasswordAsync("admin", "correct horse battery", Token));

        Assert.False(changed.User.MustChangePassword);
        Assert.NotEqual(before!.SecurityStamp, changed.User.SecurityStamp);
        Assert.IsType<SignIn.Refused>(await Users.SignInAsync("admin", admin.OneTimePassword, Token));
        Assert.IsType<SignIn.Succeeded>(await Users.SignInAsync("admin", "correct horse battery", Token));
    }

    [Fact]
    public async Task Five_wrong_passwords_lock_and_a_reset_unlocks()
    {
        var admin = await Users.EnsureFirstAdminAsync(Token);
        for (var i = 0; i < 4; i++)
        {
            Assert.IsType<SignIn.Refused>(await Users.SignInAsync("admin", "wrong", Token));
        }

        Assert.IsType<SignIn.LockedOut>(await Users.SignInAsync("admin", "wrong", Token));
        Assert.IsType<SignIn.LockedOut>(await Users.SignInAsync("admin", admin!.OneTimePassword, Token));

        var issued = Assert.IsType<UserChange.PasswordIssued>(await Users.ResetPasswordAsync("admin", Token));
        Assert.IsType<SignIn.Succeeded>(await Users.SignInAsync("admin", issued.OneTimePassword, Token));
        Assert.IsType<SignIn.Refused>(await Users.SignInAsync("nobody", "wrong", Token));
    }

    [Fact]
    public async Task The_last_admin_can_neither_go_nor_lose_the_role()
    {
        await Users.EnsureFirstAdminAsync(Token);
        await Users.AddAsync("eve", Role.Operator, Token);

        Assert.IsType<UserChange.LastAdmin>(await Users.RemoveAsync("admin", Token));
        Assert.IsType<UserChange.LastAdmin>(await Users.SetDisabledAsync("admin", true, Token));
        Assert.IsType<UserChange.LastAdmin>(await Users.SetRoleAsync("admin", Role.Viewer, Token));
        Assert.Equal(Role.Admin, (await Users.FindAsync("admin", Token))!.Role);

        await Users.SetRoleAsync("eve", Role.Admin, Token);
        Assert.IsType<UserChange.Changed>(await Users.RemoveAsync("admin", Token));
        Assert.IsType<UserChange.Unknown>(await Users.RemoveAsync("admin", Token));
        Assert.IsType<UserChange.NameTaken>(await Users.AddAsync("eve", Role.Viewer, Token));
        Assert.IsType<UserChange.Invalid>(await Users.AddAsync(" eve", Role.Viewer, Token));
    }

    [Fact]
    public async Task A_disabled_user_does_not_get_in()
    {
        await Users.EnsureFirstAdminAsync(Token);
        var eve = Assert.IsType<UserChange.PasswordIssued>(await Users.AddAsync("eve", Role.Viewer, Token));
        await Users.SetDisabledAsync("eve", true, Token);

        Assert.IsType<SignIn.Refused>(await Users.SignInAsync("eve", eve.OneTimePassword, Token));
        await Users.SetDisabledAsync("eve", false, Token);
        Assert.IsType<SignIn.Succeeded>(await Users.SignInAsync("eve", eve.OneTimePassword, Token));
        Assert.Equal(["admin", "eve"], (await Users.ListAsync(Token)).Select(user => user.Name));
    }

    [Fact]
    public async Task A_token_works_until_it_is_revoked_or_expires_and_is_not_stored()
    {
        var issued = await Tokens.CreateAsync("ci", Role.Operator, "admin", null, Token);
        var expired = await Tokens.CreateAsync("old", Role.Viewer, "admin", TimeSpan.FromMilliseconds(1), Token);

        var token = await Tokens.AuthenticateAsync(issued.Secret, Token);

        Assert.Equal((issued.Token.Id, Role.Operator), (token!.Id, token.Role));
        Assert.StartsWith(token.Prefix, issued.Secret, StringComparison.Ordinal);
        Assert.Null(await Tokens.AuthenticateAsync(expired.Secret, Token));
        Assert.Null(await Tokens.AuthenticateAsync(issued.Secret[..^1] + "!", Token));
        Assert.Null(await Tokens.AuthenticateAsync("", Token));
        Assert.NotNull((await Tokens.ListAsync(Token)).Single(listed => listed.Name == "ci").LastUsedAt);
        Assert.Equal(0, await Storage.ScalarAsync<long>($"SELECT count(*) FROM tokens t WHERE t::text LIKE '%{issued.Secret[12..]}%'", Token));
        Assert.NotNull((await Tokens.RevokeAsync(issued.Token.Id, Token))!.RevokedAt);
        Assert.Null(await Tokens.AuthenticateAsync(issued.Secret, Token));
        Assert.Null(await Tokens.RevokeAsync(Guid.NewGuid(), Token));
    }

    [Fact]
    public async Task The_audit_trail_is_paged_and_filtered()
    {
        var audit = Storage.Get<AuditStore>();
        for (var i = 0; i < 25; i++)
        {
            await audit.AppendAsync(Entry with { Target = $"topic-{i}", Cluster = i % 5 == 0 ? new ClusterId("orders") : null }, Token);
        }

        await audit.AppendAsync(Entry with { Action = "user.add", Actor = "eve", Reason = "100% new_hire" }, Token);

        var first = await audit.QueryAsync(new AuditFilter(), null, 10, Token);
        var second = await audit.QueryAsync(new AuditFilter(), first.NextBefore, 10, Token);
        var last = await audit.QueryAsync(new AuditFilter(), second.NextBefore, 10, Token);

        Assert.Equal((10, 10, 6), (first.Entries.Count, second.Entries.Count, last.Entries.Count));
        Assert.Null(last.NextBefore);
        Assert.Equal("user.add", first.Entries[0].Entry.Action);
        Assert.Equal(26, first.Entries.Concat(second.Entries).Concat(last.Entries).Select(entry => entry.Id).Distinct().Count());
        Assert.Equal(5, await CountAsync(new AuditFilter { Cluster = new ClusterId("orders") }));
        Assert.Equal(1, await CountAsync(new AuditFilter { Actor = "eve" }));
        Assert.Equal(25, await CountAsync(new AuditFilter { Action = "topic" }));
        Assert.Equal(0, await CountAsync(new AuditFilter { Action = "top" }));
        Assert.Equal(1, await CountAsync(new AuditFilter { Text = "0% NEW_" }));
        Assert.Equal(0, await CountAsync(new AuditFilter { Text = "new%hire" }));
        Assert.Equal(0, await CountAsync(new AuditFilter { To = first.Entries[0].At.AddHours(-1) }));
        Assert.Equal(26, await CountAsync(new AuditFilter { From = first.Entries[0].At.AddHours(-1) }));
        var one = (await audit.FindAsync(first.Entries[^1].Id, Token))!;
        Assert.Equal((ActorKind.User, AuditOutcome.Refused, IPAddress.Loopback), (one.Entry.ActorKind, one.Entry.Outcome, one.Entry.SourceAddress));
        Assert.Contains("\"b\"", one.Entry.Before, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("UPDATE audit SET actor = 'nobody'")]
    [InlineData("DELETE FROM audit")]
    [InlineData("TRUNCATE audit")]
    public async Task The_audit_trail_can_not_be_changed(string sql)
    {
        await Storage.Get<AuditStore>().AppendAsync(Entry, Token);

        var refused = await Assert.ThrowsAsync<PostgresException>(() => Storage.ExecuteAsync(sql, Token));

        Assert.Equal(StorageErrorCodes.AuditIsAppendOnly, refused.SqlState);
        Assert.Equal(1, await CountAsync(new AuditFilter()));
    }

    [Fact]
    public async Task Retention_removes_only_what_is_old()
    {
        var audit = Storage.Get<AuditStore>();
        await audit.AppendAsync(Entry, Token);
        await Storage.ExecuteAsync(
            """
            INSERT INTO audit (at, actor, actor_kind, action, target, outcome)
                VALUES (now() - interval '500 days', 'old', 'system', 'a', 't', 'succeeded');
            INSERT INTO processes (id, name, address, version, last_seen)
                VALUES (gen_random_uuid(), 'gone', '', '', now() - interval '40 days'), (gen_random_uuid(), 'here', '', '', now());
            INSERT INTO tokens (id, name, hash, prefix, role, created_by, expires_at)
                VALUES (gen_random_uuid(), 'dead', 'x', 'p', 'viewer', 'a', now() - interval '40 days'),
                       (gen_random_uuid(), 'eternal', 'y', 'p', 'viewer', 'a', NULL);
            """,
            Token);

        var removed = await Storage.Get<Retention>().RunAsync(Token);

        Assert.Equal(new RemovedRows(0, 1, 1, 1, 0, 0, 0, 0, 0), removed);
        Assert.Equal(1, await CountAsync(new AuditFilter()));
        Assert.Equal("eternal", Assert.Single(await Tokens.ListAsync(Token)).Name);
    }

    private static AuditEntry Entry => new()
    {
        Actor = "admin",
        ActorKind = ActorKind.User,
        SourceAddress = IPAddress.Loopback,
        Action = "topic.create",
        Target = "topic",
        Before = """{"b": 1}""",
        After = """{"a": 2}""",
        Outcome = AuditOutcome.Refused,
    };

    private async Task<int> CountAsync(AuditFilter filter) =>
        (await Storage.Get<AuditStore>().QueryAsync(filter, null, 100, Token)).Entries.Count;
}
