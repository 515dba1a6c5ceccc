using System.IO.Pipelines;
using System.Security.Claims;
using ControlPlane.Api;
using ControlPlane.Api.Access;
using ControlPlane.Api.Live;
using ControlPlane.Api.Problems;
using ControlPlane.Contracts;
using ControlPlane.Engine.Model;
using ControlPlane.Storage;
using ControlPlane.Testing;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Xunit;
using Role = ControlPlane.Storage.Role;

namespace ControlPlane.Host.Tests.Api;

/// <summary>The live stream, on the product's services with a clock that the test moves.</summary>
public sealed class LiveTests(ApiFixture api) : ApiTests(api)
{
    private readonly FakeTime _time = new();

    [Fact]
    public async Task A_stream_with_nothing_to_say_keeps_the_line_every_15_seconds()
    {
        await using var reader = Open(Stream(), await UserAsync("idle"));
        var passed = TimeSpan.Zero;
        await reader.UntilAsync(() => reader.Text.Contains(": still here", StringComparison.Ordinal), () =>
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            passed += TimeSpan.FromSeconds(1);
        });

        Assert.True(passed >= TimeSpan.FromSeconds(15), $"{passed}");
        Assert.StartsWith("retry: 2000\n\n", reader.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Many_changes_between_two_batches_are_told_as_the_last_one()
    {
        await using var reader = Open(Stream(), await UserAsync("slow"));
        await reader.UntilAsync(() => reader.Text.Contains("data:", StringComparison.Ordinal), () => Publish("many", 1));
        for (var generation = 2; generation <= 500; generation++)
        {
            Publish("many", generation);
        }

        await reader.UntilAsync(() => reader.Text.Contains("\"generation\":500", StringComparison.Ordinal), () => _time.Advance(TimeSpan.FromMilliseconds(250)));
        Assert.InRange(reader.Text.Split("data:").Length - 1, 2, 20);
    }

    [Fact]
    public async Task The_stream_of_a_disabled_user_ends_also_while_it_is_busy()
    {
        await using var reader = Open(Stream(), await UserAsync("leaver"));
        await reader.UntilAsync(() => reader.Text.Contains("data:", StringComparison.Ordinal), () => Publish("busy", 1));
        (await Host.SendAsync(HttpMethod.Put, "/api/v1/users/leaver", Admin, new UpdateUserRequest(Contracts.Role.Viewer, true))).Is(200);
        var generation = 1;
        await reader.UntilAsync(() => reader.HasEnded, () =>
        {
            Publish("busy", ++generation);
            _time.Advance(TimeSpan.FromMilliseconds(250));
        });
    }

    [Fact]
    public async Task The_stream_of_a_revoked_token_ends()
    {
        var created = (await Host.SendAsync(HttpMethod.Post, "/api/v1/tokens", Admin, new CreateTokenRequest("streamer", Contracts.Role.Viewer, 30))).Is(201).Json;
        var principal = new Caller("streamer", ActorKind.Token, Role.Viewer).ToPrincipal(AccessSchemes.Header);
        await using var reader = Open(Stream(), principal, $"Bearer {created.GetProperty("secret").GetString()}");
        await reader.UntilAsync(() => reader.Text.Length > 0);
        await reader.PassAsync(_time, TimeSpan.FromSeconds(6));
        Assert.False(reader.HasEnded);
        (await Host.SendAsync(HttpMethod.Delete, $"/api/v1/tokens/{created.GetProperty("token").GetProperty("id").GetString()}", Admin)).Is(204);
        await reader.UntilAsync(() => reader.HasEnded, () => _time.Advance(TimeSpan.FromSeconds(1)));
    }

    [Fact]
    public async Task A_stream_more_than_the_limit_is_refused_until_another_ends()
    {
        var stream = Stream(new ApiOptions { MaxLiveConnectionsPerCaller = 1, MaxLiveConnections = 2 });
        var (one, two, three) = (await UserAsync("first"), await UserAsync("second"), await UserAsync("third"));
        await using var second = Open(stream, two);
        await second.UntilAsync(() => second.Text.Length > 0);
        await using (var first = Open(stream, one))
        {
            await first.UntilAsync(() => first.Text.Length > 0);
            Assert.Equal(503, (await RefusedAsync(stream, one)).Status);
            var refused = await RefusedAsync(stream, three);
            Assert.Equal("too-many-streams", refused.Code);
            Assert.NotNull(refused.RetryAfter);
        }

        await using var again = Open(stream, three);
        await again.UntilAsync(() => again.Text.Length > 0);
    }

    [Fact]
    public async Task The_stream_of_a_cluster_tells_of_that_cluster_only()
    {
        await Host.PublishAsync(A.Cluster("mine").Brokers(1).Topic("t").Build());
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/clusters/mine/live");
        request.Headers.Authorization = new("Bearer", Viewer);
        request.Headers.AcceptEncoding.ParseAdd("br");
        using var response = await Host.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Token);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.MediaType);
        Assert.Empty(response.Content.Headers.ContentEncoding);
        await using var body = await response.Content.ReadAsStreamAsync(Token);
        await using var reader = new LiveReader(body, null, () => { });
        await reader.UntilAsync(() => reader.Text.Contains("\"cluster\":\"mine\"", StringComparison.Ordinal), () =>
        {
            Publish("other", 7);
            Publish("mine", 7);
        });
        Assert.DoesNotContain("\"cluster\":\"other\"", reader.Text, StringComparison.Ordinal);
        (await Host.GetAsync("/api/v1/clusters/unknown/live", Viewer)).IsProblem(404);
    }

    private static async Task<Problem> RefusedAsync(LiveStream stream, ClaimsPrincipal user) =>
        (await Assert.ThrowsAsync<ProblemException>(() => stream.ServeAsync(new DefaultHttpContext { User = user }, null, withPeers: false))).Problem;

    private void Publish(string cluster, long generation) => Host.Views.Publish(A.Cluster(cluster).Brokers(1).Topic("t").Generation(generation).Build());

    private LiveStream Stream(ApiOptions? options = null) =>
        ActivatorUtilities.CreateInstance<LiveStream>(Host.Services, _time, new LiveSeats(Host.Get<ApiMeter>(), Options.Create(options ?? new ApiOptions())));

    private async Task<ClaimsPrincipal> UserAsync(string name)
    {
        await Host.UserAsync(name, Role.Viewer);
        return Caller.Of((await Host.Get<UserStore>().FindAsync(name, Token))!).ToPrincipal(AccessSchemes.Cookie);
    }

    private static LiveReader Open(LiveStream stream, ClaimsPrincipal user, string? authorization = null)
    {
        var pipe = new Pipe();
        var leaving = new CancellationTokenSource();
        var http = new DefaultHttpContext { User = user, RequestAborted = leaving.Token };
        http.Request.Headers.Authorization = authorization;
        http.Response.Body = pipe.Writer.AsStream();
        var serving = ServeAsync();
        return new LiveReader(pipe.Reader.AsStream(), serving, leaving.Cancel);

        async Task ServeAsync()
        {
            await stream.ServeAsync(http, null, withPeers: false);
            await pipe.Writer.CompleteAsync();
        }
    }

    /// <summary>Reads a stream as it comes.</summary>
    private sealed class LiveReader : IAsyncDisposable
    {
        private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

        private readonly Lock _gate = new();
        private readonly System.Text.StringBuilder _text = new();
        private readonly Task? _serving;
        private readonly Action _leave;
        private readonly CancellationTokenSource _stop = new();
        private readonly Task _reading;

        public LiveReader(Stream body, Task? serving, Action leave)
        {
            (_serving, _leave) = (serving, leave);
            _reading = ReadAsync(body);
        }

        public string Text
        {
            get
            {
                lock (_gate)
                {
                    return _text.ToString();
                }
            }
        }

        public bool HasEnded => _serving?.IsCompleted == true;

        /// <summary>Repeats the act until it is so; fails after a deadline.</summary>
        public async Task UntilAsync(Func<bool> isSo, Action? act = null)
        {
            using var deadline = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
            deadline.CancelAfter(Deadline);
            while (!isSo())
            {
                Assert.False(deadline.IsCancellationRequested, $"Not seen in {Deadline}: {Text}");
                act?.Invoke();
                await Task.Delay(10, TestContext.Current.CancellationToken);
            }
        }

        /// <summary>Moves the clock and lets what hangs on it happen.</summary>
        public async Task PassAsync(FakeTime time, TimeSpan passed)
        {
            time.Advance(passed);
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }

        public async ValueTask DisposeAsync()
        {
            _leave();
            await _stop.CancelAsync();
            if (_serving is not null)
            {
                await _serving.WaitAsync(Deadline);
            }

            await _reading;
            _stop.Dispose();
        }

        private async Task ReadAsync(Stream body)
        {
            var buffer = new byte[4096];
            try
            {
                int read;
                while ((read = await body.ReadAsync(buffer, _stop.Token)) > 0)
                {
                    lock (_gate)
                    {
                        _text.Append(System.Text.Encoding.UTF8.GetString(buffer, 0, read));
                    }
                }
            }
            catch (Exception ex) when (ex is OperationCanceledException or IOException)
            {
            }
        }
    }
}
