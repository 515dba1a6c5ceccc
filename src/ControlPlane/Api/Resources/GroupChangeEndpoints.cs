using System.Collections.Immutable;
using System.Globalization;
using ControlPlane.Api.Access;
using ControlPlane.Api.Answers;
using ControlPlane.Api.Problems;
using ControlPlane.Api.Views;
using ControlPlane.Contracts;
using ControlPlane.Engine.Lag.Resets;
using ControlPlane.Engine.Model;
using ControlPlane.Lag;

namespace ControlPlane.Api.Resources;

/// <summary>Changes of what groups committed: reset, forget topics, delete. A dry run by default.</summary>
internal static class GroupChangeEndpoints
{
    private const int MaxTargets = 50_000;
    private const int MaxReason = 500;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public static void MapGroupChanges(this RouteGroupBuilder cluster)
    {
        var group = cluster.MapGroup("/groups/{group}").WithTags("Groups");
        group.MapPost("/offset-reset", Reset).OfOwner().RequireAuthorization(Policies.Operate).Audited("group.reset-offsets").Accepts<ResetOffsetsRequest>("application/json")
            .Describe<GroupChangeDto>("Reset committed offsets", "A dry run unless dryRun is false. To do just what a preview showed, send its targets back as offsets, with expected. Only for groups without members.").Refuses(409, 413, 415, 422, 502);
        group.MapPost("/offset-deletion", Forget).OfOwner().RequireAuthorization(Policies.Operate).Audited("group.forget-offsets").Accepts<ForgetOffsetsRequest>("application/json")
            .Describe<GroupChangeDto>("Forget committed offsets of topics", "A dry run unless dryRun is false. Kafka refuses it, topic by topic, where a member subscribes; of share groups it forgets whole topics, and none while there are members.").Refuses(409, 413, 415, 422, 502);
        group.MapPost("/deletion", Delete).OfOwner().RequireAuthorization(Policies.Operate).Audited("group.delete").Accepts<DeleteGroupRequest>("application/json")
            .Describe<GroupChangeDto>("Delete a group", "With all it committed. A dry run unless dryRun is false. Only for groups without members.").Refuses(409, 413, 415, 422, 502);
    }

    private static Task<IResult> Reset(HttpContext http, string cluster, string group, ResetOffsetsRequest request, Pictures pictures, OffsetDesk desk)
    {
        var wish = WishOf(request);
        return ChangeAsync(http, (cluster, group, "reset"), (request.DryRun, request.Reason), pictures, (id, name, token) => desk.ResetAsync(id, name, wish, request.DryRun, token));
    }

    private static Task<IResult> Forget(HttpContext http, string cluster, string group, ForgetOffsetsRequest request, Pictures pictures, OffsetDesk desk)
    {
        var scopes = ScopesOf(request.Topics);
        if (scopes.IsEmpty)
        {
            throw new ProblemException(ApiProblems.Invalid("topics", "None is named. Expected: at least one topic, such as 'orders', or partitions of one as in 'orders:0,3'."));
        }

        return ChangeAsync(http, (cluster, group, "forget"), (request.DryRun, request.Reason), pictures, (id, name, token) => desk.ForgetAsync(id, name, scopes, request.DryRun, token));
    }

    private static Task<IResult> Delete(HttpContext http, string cluster, string group, DeleteGroupRequest request, Pictures pictures, OffsetDesk desk) =>
        ChangeAsync(http, (cluster, group, "delete"), (request.DryRun, request.Reason), pictures, (id, name, token) => desk.DeleteAsync(id, name, request.DryRun, token));

    private static async Task<IResult> ChangeAsync(
        HttpContext http, (string Cluster, string Group, string Action) route, (bool DryRun, string? Reason) wish, Pictures pictures, Func<ClusterId, string, CancellationToken, Task<GroupChange>> change)
    {
        new QueryReader(http).ThrowIfRefused();
        var group = RawPath.Segment(http, 5, route.Group); // /api/v1/clusters/{cluster}/groups/{group}/...
        var draft = AuditDraft.Of(http);
        (draft.Target, draft.Reason) = (group, wish.DryRun ? "A dry run." : wish.Reason);
        if (wish.Reason?.Length > MaxReason || wish.Reason?.Contains('\0', StringComparison.Ordinal) == true)
        {
            throw new ProblemException(ApiProblems.Invalid("reason", string.Create(CultureInfo.InvariantCulture, $"Expected: at most {MaxReason} characters of text.")));
        }

        var id = (await pictures.RequireAsync(route.Cluster, http.RequestAborted)).Model.Id;
        using var limit = new CancellationTokenSource(Patience);
        // Whoever hangs up in the middle of a change must not leave it half done.
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, wish.DryRun ? http.RequestAborted : CancellationToken.None);
        switch (await change(id, group, linked.Token))
        {
            case GroupChange.Seen seen:
                var dto = GroupChangeRows.Make(route.Action, wish.DryRun, seen);
                draft.SetAfter(dto with { Partitions = [.. dto.Partitions.Take(200)] });
                return Answer.Once(dto);
            case GroupChange.NotOwned:
                return ApiProblems.NoOwner(id).ToResult(http);
            case GroupChange.UnknownGroup:
                return ApiProblems.UnknownGroup(id, group).ToResult(http);
            case GroupChange.UnknownTopic(var topic):
                return ApiProblems.UnknownTopic(id, topic).ToResult(http);
            case GroupChange.Unsupported:
                return GroupProblems.Unsupported(id).ToResult(http);
            case GroupChange.Unreadable(var why):
                return GroupProblems.Unreadable(id, group, why).ToResult(http);
            case GroupChange.Refused(var why, var wayOut):
                return GroupProblems.Refused(group, why, wayOut).ToResult(http);
            case GroupChange.HasMembers(var found):
                return GroupProblems.HasMembers(found).ToResult(http);
            case GroupChange.Stale(var targets):
                return GroupProblems.Stale(group, targets).ToResult(http);
            case var other:
                throw new InvalidOperationException($"Unhandled change {other}");
        }
    }

    private static OffsetResetWish WishOf(ResetOffsetsRequest request)
    {
        var scopes = ScopesOf(request.Topics ?? []);
        return request.To switch
        {
            "earliest" => new OffsetResetWish(ResetTarget.Earliest) { Scopes = scopes },
            "latest" => new OffsetResetWish(ResetTarget.Latest) { Scopes = scopes },
            "timestamp" when request.At is { } at && at >= DateTimeOffset.UnixEpoch => new OffsetResetWish(ResetTarget.Timestamp, at) { Scopes = scopes },
            "timestamp" => throw new ProblemException(ApiProblems.Invalid("at", "Expected with to=timestamp: a time since 1970, such as 2026-11-21T03:00:00Z.")),
            "shift" when request.Shift is { } shift and not 0 => new OffsetResetWish(ResetTarget.Shift, Shift: shift) { Scopes = scopes },
            "shift" => throw new ProblemException(ApiProblems.Invalid("shift", "Expected with to=shift: a number of messages, negative to go back.")),
            "offsets" => new OffsetResetWish(ResetTarget.Offsets, Offsets: TargetsOf(request.Offsets ?? [])),
            _ => throw new ProblemException(ApiProblems.Invalid("to", "Expected: earliest, latest, timestamp, shift or offsets.")),
        };
    }

    private static ImmutableArray<OffsetTarget> TargetsOf(IReadOnlyList<OffsetTargetDto> offsets)
    {
        if (offsets.Count is 0 or > MaxTargets)
        {
            throw new ProblemException(ApiProblems.Invalid("offsets", string.Create(CultureInfo.InvariantCulture, $"{offsets.Count} are given. Expected with to=offsets: 1 to {MaxTargets}.")));
        }

        var seen = new HashSet<(string, int)>();
        for (var i = 0; i < offsets.Count; i++)
        {
            var one = offsets[i];
            var wrong = string.IsNullOrEmpty(one?.Topic) ? "It names no topic." : one.Partition < 0 ? "The partition is negative." : one.Offset < 0 ? "The offset is negative." : !seen.Add((one.Topic, one.Partition)) ? $"{one.Topic}-{one.Partition} is given twice." : null;
            if (wrong is not null)
            {
                throw new ProblemException(ApiProblems.Invalid(string.Create(CultureInfo.InvariantCulture, $"offsets[{i}]"), $"{wrong} Expected: topic, partition and offset, each partition once."));
            }
        }

        return [.. offsets.Select(one => new OffsetTarget(one.Topic, one.Partition, one.Offset, one.Expected))];
    }

    private static ImmutableArray<ResetScope> ScopesOf(IReadOnlyList<string>? topics)
    {
        var scopes = ImmutableArray.CreateBuilder<ResetScope>();
        foreach (var text in topics ?? [])
        {
            scopes.Add(ResetScope.TryParse(text, out var scope) ? scope : throw new ProblemException(ApiProblems.Invalid(
                "topics", $"'{(text is { Length: > 60 } ? text[..60] : text)}' is neither a topic nor partitions of one. Expected: 'orders', or 'orders:0,3' for some of its partitions.")));
        }

        return scopes.ToImmutable();
    }
}
