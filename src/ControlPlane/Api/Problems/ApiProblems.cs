using ControlPlane.Engine.Model;

namespace ControlPlane.Api.Problems;

/// <summary>The texts of the API's refusals, in one place so that they speak with one voice.</summary>
internal static class ApiProblems
{
    private const int NamedFields = 3;

    /// <summary>What is wrong with each field is said once, in errors; detail and next step only name the fields.</summary>
    public static Problem Invalid(IReadOnlyDictionary<string, string[]> errors)
    {
        var named = string.Join(", ", errors.Keys.Order(StringComparer.Ordinal).Take(NamedFields).Select(field => $"'{field}'"));
        var more = errors.Count > NamedFields ? $" and {errors.Count - NamedFields} more" : "";
        return new(400, "The request is not valid", $"{(errors.Count == 1 ? "One field" : $"{errors.Count} fields")} can't be accepted: {named}{more}.", $"Correct {named}{more} as errors says, then send the request again.")
        {
            Code = "invalid",
            Errors = errors,
        };
    }

    public static Problem Invalid(string field, string message) =>
        Invalid(new Dictionary<string, string[]>(StringComparer.Ordinal) { [field] = [message] });

    public static Problem UnknownCluster(string id) =>
        new(404, "No such cluster", $"No cluster with the id '{id}' is managed here.", "Check the id: GET /api/v1/clusters lists the clusters there are.") { Code = "unknown-cluster" };

    public static Problem UnknownBroker(ClusterId cluster, string id) =>
        new(404, "No such broker", $"Cluster '{cluster}' has no broker '{id}'.", $"Check the id: GET /api/v1/clusters/{cluster}/brokers lists the brokers it has.") { Code = "unknown-broker" };

    public static Problem UnknownTopic(ClusterId cluster, string topic) =>
        new(404, "No such topic", $"Cluster '{cluster}' has no topic '{topic}', or this product's Kafka user may not describe it.", $"Check the name (GET /api/v1/clusters/{cluster}/topics lists what is seen), or allow Describe on the topic.") { Code = "unknown-topic" };

    public static Problem UnknownGroup(ClusterId cluster, string group) =>
        new(404, "No such group", $"Cluster '{cluster}' has no consumer group '{group}', or this product's Kafka user may not describe it.", $"Check the name (GET /api/v1/clusters/{cluster}/groups lists what is seen), or allow Describe on the group.") { Code = "unknown-group" };

    public static Problem UnknownAnomaly(string id, ClusterId? cluster) =>
        new(404, "No such anomaly", $"{(cluster is { } known ? $"Cluster '{known}' has" : "There is")} no anomaly '{id}', or it was resolved so long ago that it is not kept any more.", $"Check the id: GET /api/v1/{(cluster is { } of ? $"clusters/{of}/" : "")}anomalies?state=all lists the anomalies there are.") { Code = "unknown-anomaly" };

    public static Problem UnknownUser(string name) =>
        new(404, "No such user", $"There is no user '{name}'.", "Check the name: GET /api/v1/users lists the users there are.") { Code = "unknown-user" };

    public static Problem UnknownToken(string id) =>
        new(404, "No such token", $"There is no API token '{id}'.", "Check the id: GET /api/v1/tokens lists the tokens there are.") { Code = "unknown-token" };

    public static Problem UnknownPath(string path) =>
        new(404, "No such resource", $"The API has nothing at {path}.", "See GET /openapi/v1.json for the paths it has.") { Code = "unknown-path" };

    public static Problem WrongMethod(string method, string path) =>
        new(405, "Method not allowed", $"{method} is not possible on {path}.", "See GET /openapi/v1.json, or the Allow header of this answer, for the methods it has.") { Code = "wrong-method" };

    /// <summary>Nobody samples the cluster at this moment.</summary>
    public static Problem NoOwner(ClusterId cluster) =>
        new(503, "No process watches this cluster now", $"Cluster '{cluster}' is registered, but no process holds its lease. That lasts some seconds after a process died or the cluster was added; longer means that no process can take it.", "Try again in a few seconds. If it lasts, see GET /api/v1/processes and the log of the processes.")
        {
            Code = "no-owner",
            RetryAfter = TimeSpan.FromSeconds(5),
        };

    public static Problem NoPicture(ClusterId cluster) =>
        new(503, "The first picture is not complete yet", $"Cluster '{cluster}' was taken over a moment ago and has not been read yet.", "Try again in a few seconds.")
        {
            Code = "no-picture",
            RetryAfter = TimeSpan.FromSeconds(2),
        };

    /// <summary>A part of the cluster was never read; an empty list would claim that there is nothing.</summary>
    public static Problem NotRead(ClusterId cluster, string what, SampleStatus? sample)
    {
        var failures = sample?.Failures is { Length: > 0 } failed
            ? string.Join(" ", failed.Take(3).Select(failure => failure.BrokerId is { } id ? $"Broker {id}: {failure.Message}" : failure.Message))
            : "No round of this sample has ended yet.";
        return new(503, $"{what} of this cluster could not be read", $"Cluster '{cluster}': {failures}", "Wait for the next round, or repair what the detail names; POST refresh asks for a round at once.")
        {
            Code = "not-read",
            RetryAfter = TimeSpan.FromSeconds(10),
        };
    }

    public static Problem OwnerSilent(ClusterId cluster, Uri owner, string why) =>
        new(503, "The process that watches this cluster does not answer", $"Cluster '{cluster}' is owned by the process at {owner}, and {why}.", "Try again in a few seconds: when that process is gone, another takes the cluster over. If it lasts, check that processes reach each other at their advertised addresses.")
        {
            Code = "owner-silent",
            RetryAfter = TimeSpan.FromSeconds(5),
        };

    public static Problem OwnerSlow(ClusterId cluster, Uri owner, TimeSpan limit) =>
        new(504, "The process that watches this cluster answers too slowly", $"Cluster '{cluster}' is owned by the process at {owner}, which did not answer within {limit.TotalSeconds:0.#} s.", "Try again. If it lasts, look at the load of that process.")
        {
            Code = "owner-slow",
            RetryAfter = TimeSpan.FromSeconds(5),
        };

    public static Problem OwnerMoving(ClusterId cluster) =>
        new(503, "This cluster is being handed over", $"The request was forwarded to this process as owner of '{cluster}', which it no longer is.", "Try again in a few seconds.")
        {
            Code = "owner-moving",
            RetryAfter = TimeSpan.FromSeconds(3),
        };

    /// <summary>To the owner of a cluster, which then reads its offsets topic alone.</summary>
    public static Problem ShareRefused(ClusterId cluster, string why) =>
        new(409, "This process can't read for the owner", $"A share of the offsets topic of '{cluster}' can't be read here: {why}.", "Nothing is missed: the owner reads it. While processes of two versions run, this is to be expected.") { Code = "share-refused" };

    public static Problem StorageUnavailable(string message, bool isTransient) =>
        new(503, "The database is not available", message, isTransient ? "Try again in a few seconds." : "Repair the database as the detail says; then try again.")
        {
            Code = "storage-unavailable",
            RetryAfter = TimeSpan.FromSeconds(isTransient ? 5 : 30),
        };

    public static Problem NotLoggedIn(string why) =>
        new(401, "Log in first", why, "Send an API token as 'Authorization: Bearer kcp_...', or log in with POST /api/v1/session.") { Code = "not-logged-in" };

    public static Problem RoleMissing(string user, string role, string needed) =>
        new(403, "Your role does not allow this", $"'{user}' has the role {role}; this needs {needed}.", "Ask an admin for the role, or use a token that has it.") { Code = "role-missing" };

    public static Problem PasswordChangeNeeded(string user) =>
        new(403, "Change your password first", $"'{user}' logged in with a one-time password. Until it is replaced, nothing else is possible.", "Send POST /api/v1/session/password with the current and a new password.") { Code = "password-change-needed" };

    public static Problem CrossSite(string why) =>
        new(403, "The request does not come from this product's own pages", why, "Programs: use an API token instead of the cookie. Pages: send the header X-Kcp-Csrf: 1 from the same origin.") { Code = "cross-site" };

    /// <summary>The same for a user that is unknown, disabled or locked: a difference would tell strangers which names exist.</summary>
    public static Problem LoginRefused() =>
        new(401, "Log-in failed", "The user name or the password is wrong, or the user is disabled or locked.", "Check both. After five wrong passwords in a row a user is locked for five minutes, also for the right one: wait, or ask an admin for a new one-time password.") { Code = "login-refused" };

    /// <summary>Only to the user, who is logged in and got the current password wrong too often.</summary>
    public static Problem LockedOut(TimeSpan left) =>
        new(429, "You are locked out", "The current password was wrong too often.", "Wait for the time in Retry-After, or ask an admin for a new one-time password.") { Code = "locked-out", RetryAfter = left };

    public static Problem TooManyLogins(TimeSpan left) =>
        new(429, "Too many log-in attempts", "The limit of log-ins per minute is reached for this address or this user.", "Wait for the time in Retry-After.") { Code = "too-many-logins", RetryAfter = left };

    public static Problem IfMatchMissing() =>
        new(428, "If-Match is missing", "An edit must say which version it was made from, so that it can't undo another one unseen. Expected: the header If-Match with the ETag of the last GET.", "GET the resource, apply your change to it, and send its ETag as If-Match.") { Code = "if-match-missing" };

    public static Problem Stale(long current) =>
        new(412, "Somebody else changed this meanwhile", $"The version in If-Match is not the current one ({current}).", "GET the resource again, apply your change to it, and send the new ETag as If-Match.") { Code = "stale" };

    public static Problem DuplicateId(string id, string name) =>
        new(409, "The id is taken", $"Cluster '{id}' ('{name}') is already managed under this id.", "Choose another id, or edit the existing cluster.") { Code = "duplicate-id" };

    public static Problem DuplicateKafka(string existing, string name, string? kafkaClusterId) =>
        new(409, "This Kafka cluster is managed already", $"Cluster '{existing}' ('{name}') is the same Kafka cluster (Kafka cluster id {kafkaClusterId}).", $"Use '{existing}', or remove it first.") { Code = "duplicate-cluster" };

    public static Problem NotSimulated(ClusterId cluster) =>
        new(409, "Not a simulated cluster", $"'{cluster}' is a real Kafka cluster; trouble is made only on simulated ones.", "Choose a simulated cluster.") { Code = "not-simulated" };

    public static Problem TooManyStreams(string why) =>
        new(503, "Too many live connections", why, "Close some, or raise Api:MaxLiveConnections.") { Code = "too-many-streams", RetryAfter = TimeSpan.FromSeconds(30) };

    public static Problem Internal(string traceId) =>
        new(500, "An error in the product", $"The request failed in a way that should not happen. The log has it under {traceId}.", "Try again; if it fails again, report it with the trace id.") { Code = "internal" };
}
