using ControlPlane.Storage.Tables;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace ControlPlane.Storage;

/// <summary>People who may log in: password hashes, roles, lock-out.</summary>
internal sealed class UserStore(Database database, PasswordCheck passwords)
{
    public const string FirstAdminName = "admin";

    private const int TriesBeforeLock = 5;

    // Arbitrary but fixed: serializes changes that must see all users, over all processes.
    private const long UsersLock = 0x6B63705F75736572;

    private static readonly TimeSpan LockFor = TimeSpan.FromMinutes(5);

    /// <summary>Creates the first admin where no user exists; null otherwise. Only one of several starting processes gets it.</summary>
    public Task<FirstAdmin?> EnsureFirstAdminAsync(CancellationToken cancellationToken) =>
        LockedAsync<FirstAdmin?>("create the first admin", async (context, token) =>
        {
            if (await context.Users.AnyAsync(token))
            {
                return null;
            }

            var password = PasswordCheck.Generate();
            context.Add(NewRow(FirstAdminName, Role.Admin, password));
            await context.SaveChangesAsync(token);
            return new FirstAdmin(FirstAdminName, password);
        }, cancellationToken);

    public Task<IReadOnlyList<StoredUser>> ListAsync(CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<StoredUser>>("list the users", async (context, token) =>
            (await context.Users.AsNoTracking().OrderBy(row => row.Name).ToListAsync(token)).ConvertAll(ToUser), cancellationToken);

    public Task<StoredUser?> FindAsync(string name, CancellationToken cancellationToken) =>
        database.ReadAsync("read a user", async (context, token) =>
            await context.Users.AsNoTracking().SingleOrDefaultAsync(row => row.Name == name, token) is { } row ? ToUser(row) : null, cancellationToken);

    public Task<SignIn> SignInAsync(string name, string password, CancellationToken cancellationToken) =>
        database.WriteAsync("log in", async (context, token) =>
        {
            var now = await NowAsync(context, token);
            var row = await context.Users.AsNoTracking().SingleOrDefaultAsync(row => row.Name == name, token);
            var matches = passwords.Matches(row?.PasswordHash, password); // also for unknown and locked names, so that all take as long
            if (row?.LockedUntil > now)
            {
                return new SignIn.LockedOut(row.LockedUntil.Value);
            }

            if (row is null || row.Disabled)
            {
                return new SignIn.Refused();
            }

            return matches ? await SucceedAsync(context, name, now, token) : await FailAsync(context, name, now, token);
        }, cancellationToken);

    /// <summary>Adds a user with a generated password that must be changed at the first login.</summary>
    public Task<UserChange> AddAsync(string name, Role role, CancellationToken cancellationToken) =>
        database.ChangeAsync<UserChange>("add a user", async (context, token) =>
        {
            if (string.IsNullOrWhiteSpace(name) || name.Length > StoredUser.MaxNameLength || name.Any(char.IsControl) || name != name.Trim())
            {
                return new UserChange.Invalid($"'{name}' is not a user name. Expected 1 to {StoredUser.MaxNameLength} printable characters without space at either end.");
            }

            var password = PasswordCheck.Generate();
            var row = NewRow(name, role, password);
            context.Add(row);
            try
            {
                await context.SaveChangesAsync(token);
                return new UserChange.PasswordIssued(ToUser(row), password);
            }
            catch (DbUpdateException ex) when (ex.InnerException is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation })
            {
                return new UserChange.NameTaken();
            }
        }, cancellationToken);

    /// <summary>A password chosen by the user; the current one has been checked by <see cref="SignInAsync"/>.</summary>
    public Task<UserChange> ChangePasswordAsync(string name, string newPassword, CancellationToken cancellationToken) =>
        ChangeAsync("change a password", name, row =>
        {
            if (passwords.Refuse(name, newPassword, row.PasswordHash) is { } why)
            {
                return new UserChange.Invalid(why);
            }

            row.PasswordHash = passwords.Hash(newPassword);
            row.MustChangePassword = false;
            return null;
        }, cancellationToken);

    /// <summary>A generated one-time password for somebody who lost theirs; lifts a lock as well.</summary>
    public Task<UserChange> ResetPasswordAsync(string name, CancellationToken cancellationToken)
    {
        var password = PasswordCheck.Generate();
        return ChangeAsync("reset a password", name, row =>
        {
            row.PasswordHash = passwords.Hash(password);
            (row.MustChangePassword, row.FailedLogins, row.LockedUntil) = (true, 0, null);
            return null;
        }, cancellationToken, user => new UserChange.PasswordIssued(user, password));
    }

    public Task<UserChange> SetRoleAsync(string name, Role role, CancellationToken cancellationToken) =>
        ChangeAsync("change a user's role", name, row =>
        {
            row.Role = role.ToText();
            return null;
        }, cancellationToken);

    public Task<UserChange> SetDisabledAsync(string name, bool disabled, CancellationToken cancellationToken) =>
        ChangeAsync(disabled ? "disable a user" : "enable a user", name, row =>
        {
            row.Disabled = disabled;
            return null;
        }, cancellationToken);

    public Task<UserChange> RemoveAsync(string name, CancellationToken cancellationToken) =>
        LockedAsync("remove a user", async (context, token) =>
        {
            var row = await context.Users.SingleOrDefaultAsync(row => row.Name == name, token);
            if (row is null)
            {
                return new UserChange.Unknown();
            }

            context.Remove(row);
            return await SaveUnlessLastAdminAsync(context, new UserChange.Changed(ToUser(row)), token);
        }, cancellationToken);

    private Task<UserChange> ChangeAsync(
        string what, string name, Func<UserRow, UserChange?> change, CancellationToken cancellationToken, Func<StoredUser, UserChange>? outcome = null) =>
        LockedAsync(what, async (context, token) =>
        {
            var row = await context.Users.SingleOrDefaultAsync(row => row.Name == name, token);
            if (row is null)
            {
                return new UserChange.Unknown();
            }

            if (change(row) is { } refused)
            {
                return refused;
            }

            row.SecurityStamp = Guid.NewGuid();
            var user = ToUser(row);
            return await SaveUnlessLastAdminAsync(context, outcome?.Invoke(user) ?? new UserChange.Changed(user), token);
        }, cancellationToken);

    private static async Task<UserChange> SaveUnlessLastAdminAsync(StorageContext context, UserChange outcome, CancellationToken cancellationToken)
    {
        var hadAdmin = await context.Users.AnyAsync(row => row.Role == "admin" && !row.Disabled, cancellationToken);
        await context.SaveChangesAsync(cancellationToken);
        return hadAdmin && !await context.Users.AnyAsync(row => row.Role == "admin" && !row.Disabled, cancellationToken)
            ? new UserChange.LastAdmin()
            : outcome;
    }

    private Task<T> LockedAsync<T>(string what, Func<StorageContext, CancellationToken, Task<T>> work, CancellationToken cancellationToken) =>
        database.ChangeAsync(what, async (context, token) =>
        {
            // In an audited change the transaction is that one's, which is undone where the answer is a refusal.
            await using var own = context.Database.CurrentTransaction is null ? await context.Database.BeginTransactionAsync(token) : null;
            await context.Database.ExecuteSqlAsync($"SELECT pg_advisory_xact_lock({UsersLock})", token);
            var result = await work(context, token);
            if (own is not null && result is not UserChange.LastAdmin)
            {
                await own.CommitAsync(token); // otherwise disposing it undoes the change
            }

            return result;
        }, cancellationToken);

    private static async Task<SignIn> SucceedAsync(StorageContext context, string name, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await context.Users.Where(row => row.Name == name).ExecuteUpdateAsync(
            row => row.SetProperty(user => user.FailedLogins, 0).SetProperty(user => user.LockedUntil, (DateTimeOffset?)null).SetProperty(user => user.LastLogin, now),
            cancellationToken);
        return new SignIn.Succeeded(ToUser(await context.Users.AsNoTracking().SingleAsync(row => row.Name == name, cancellationToken)));
    }

    /// <summary>Counted in the database, so that tries spread over processes add up.</summary>
    private static async Task<SignIn> FailAsync(StorageContext context, string name, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var until = now + LockFor;
        var locked = await context.Database.SqlQuery<bool>(
            $"""
            UPDATE users SET failed_logins = (failed_logins + 1) % {TriesBeforeLock},
                locked_until = CASE WHEN failed_logins + 1 >= {TriesBeforeLock} THEN {until} ELSE locked_until END
            WHERE name = {name} RETURNING failed_logins = 0 AS "Value"
            """).ToListAsync(cancellationToken);
        return locked is [true] ? new SignIn.LockedOut(until) : new SignIn.Refused();
    }

    private static Task<DateTimeOffset> NowAsync(StorageContext context, CancellationToken cancellationToken) =>
        context.Database.SqlQuery<DateTimeOffset>($"SELECT clock_timestamp() AS \"Value\"").SingleAsync(cancellationToken);

    private UserRow NewRow(string name, Role role, string password) => new()
    {
        Name = name,
        Role = role.ToText(),
        PasswordHash = passwords.Hash(password),
        MustChangePassword = true,
        SecurityStamp = Guid.NewGuid(),
    };

    private static StoredUser ToUser(UserRow row) => new(
        row.Name, Roles.Parse(row.Role), row.MustChangePassword, row.Disabled, row.LockedUntil, row.LastLogin, row.SecurityStamp, row.CreatedAt);
}
