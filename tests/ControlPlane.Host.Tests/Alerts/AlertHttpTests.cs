using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using ControlPlane.Alerts;
using ControlPlane.Clusters;
using ControlPlane.Engine.Alerts;
using ControlPlane.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace ControlPlane.Host.Tests.Alerts;

/// <summary>One request at a time through the product's own client, to receivers that misbehave.</summary>
public sealed class AlertHttpTests : IAsyncLifetime
{
    private static readonly TimeSpan Ample = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(300);

    private readonly ServiceProvider _services = Compose(allowLoopback: true);
    private WebhookReceiver _hook = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _hook = await WebhookReceiver.StartAsync(null, Token);

    public async ValueTask DisposeAsync()
    {
        await _hook.DisposeAsync();
        await _services.DisposeAsync();
    }

    [Fact]
    public async Task A_success_is_one_and_what_was_said_is_kept()
    {
        var result = await SendAsync(ReceiverAnswer.Status(202));

        Assert.Equal((202, SendFailure.None, null, "said the receiver"), (result.HttpStatus, result.Failure, result.Problem, result.Preview));
        Assert.Equal(SendVerdict.Delivered, SendVerdicts.Judge(result));
    }

    [Fact]
    public async Task A_redirect_is_not_followed_and_says_where_it_led()
    {
        await using var other = await WebhookReceiver.StartAsync(null, Token);

        var result = await SendAsync(ReceiverAnswer.Redirect($"{other.Url}?token=hidden"));

        Assert.Equal(SendVerdict.Refused, SendVerdicts.Judge(result));
        Assert.Contains($"to {new Uri(other.Url).GetLeftPart(UriPartial.Authority)})", result.Problem, StringComparison.Ordinal);
        Assert.Contains("Redirects are not followed", result.Problem, StringComparison.Ordinal);
        Assert.DoesNotContain("hidden", result.Problem, StringComparison.Ordinal);
        Assert.Empty(other.Received);
    }

    [Fact]
    public async Task Of_a_body_without_end_a_preview_is_read()
    {
        var result = await SendAsync(ReceiverAnswer.Endless);

        Assert.Equal(SendVerdict.Delivered, SendVerdicts.Judge(result));
        Assert.Equal(2000, result.Preview!.Length);
    }

    [Fact]
    public async Task A_body_that_never_comes_does_not_undo_the_answer()
    {
        var result = await SendAsync(ReceiverAnswer.Silent);

        Assert.Equal((SendVerdict.Delivered, null), (SendVerdicts.Judge(result), result.Preview));
    }

    [Fact]
    public async Task A_receiver_that_hangs_is_given_up_in_time_and_tried_again()
    {
        var result = await SendAsync(ReceiverAnswer.Hang, Short);

        Assert.Equal((SendFailure.NoAnswer, SendVerdict.Retry), (result.Failure, SendVerdicts.Judge(result)));
        Assert.Equal("The receiver did not answer within 0.3 s.", result.Problem);
        Assert.True(SendVerdicts.MayHaveArrived(result));
    }

    [Fact]
    public async Task A_stop_of_this_process_ends_the_wait_and_is_not_the_receivers_fault()
    {
        using var stopping = new CancellationTokenSource();
        _hook.Answer = _ => ReceiverAnswer.Hang;
        var sending = _services.GetRequiredService<AlertHttp>().SendAsync(Request(_hook.Url), Ample, stopping.Token);
        await _hook.UntilAsync(received => received.Count == 1, Ample, Token);

        await stopping.CancelAsync();

        Assert.Contains("This process was stopped", (await sending).Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_connection_that_breaks_is_tried_again()
    {
        var result = await SendAsync(ReceiverAnswer.Reset);

        Assert.Equal((SendFailure.NoAnswer, SendVerdict.Retry), (result.Failure, SendVerdicts.Judge(result)));
        Assert.StartsWith("The connection broke before an answer came", result.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_receiver_that_is_down_certainly_got_nothing_and_is_tried_again()
    {
        await _hook.DownAsync();

        var result = await SendAsync(ReceiverAnswer.Status(200));

        Assert.Equal((SendFailure.NotConnected, SendVerdict.Retry, false), (result.Failure, SendVerdicts.Judge(result), SendVerdicts.MayHaveArrived(result)));
        Assert.StartsWith("The receiver could not be reached", result.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Patience_that_is_asked_for_is_told()
    {
        var result = await SendAsync(ReceiverAnswer.Status(429, 7));

        Assert.Equal((429, TimeSpan.FromSeconds(7)), (result.HttpStatus, result.RetryAfter));
    }

    [Fact]
    public async Task A_certificate_that_nobody_vouches_for_is_refused_for_good()
    {
        var certificates = new TestCertificates();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => kestrel.Listen(
            IPAddress.Loopback, 0, listen => listen.UseHttps(X509Certificate2.CreateFromPem(certificates.BrokerPem, certificates.BrokerKeyPem))));
        await using var app = builder.Build();
        await app.StartAsync(Token);

        var result = await SendToAsync(app.Urls.First());

        Assert.Equal((SendFailure.Tls, SendVerdict.Refused), (result.Failure, SendVerdicts.Judge(result)));
        Assert.StartsWith("TLS failed: ", result.Problem, StringComparison.Ordinal);
        Assert.Contains("Check the receiver's certificate", result.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_receiver_that_does_not_speak_tls_gets_nothing()
    {
        var result = await SendToAsync(_hook.Url.Replace("http://", "https://", StringComparison.Ordinal), Ample);

        Assert.NotEqual(SendVerdict.Delivered, SendVerdicts.Judge(result));
        Assert.Empty(_hook.Received);
        Assert.NotNull(result.Problem);
    }

    [Fact]
    public async Task An_address_that_must_not_be_sent_to_is_refused_before_anything_is_sent()
    {
        await using var strict = Compose(allowLoopback: false);

        var result = await strict.GetRequiredService<AlertHttp>().SendAsync(Request(_hook.Url), Ample, Token);

        Assert.Equal((SendFailure.ForbiddenAddress, SendVerdict.Refused), (result.Failure, SendVerdicts.Judge(result)));
        Assert.Contains("127.0.0.1 is a loopback address", result.Problem, StringComparison.Ordinal);
        Assert.Empty(_hook.Received);
    }

    [Fact]
    public async Task A_name_that_means_another_address_at_each_look_is_judged_by_the_one_that_is_connected_to()
    {
        var asked = new ConcurrentQueue<string>();
        var guard = new AddressGuard(Options.Create(new AlertsOptions()))
        {
            ResolveAsync = (name, _) =>
            {
                asked.Enqueue(name);
                return Task.FromResult<IPAddress[]>([IPAddress.Loopback]); // when the target was entered it was something else
            },
        };
        await using var strict = Compose(allowLoopback: false, guard);
        var url = _hook.Url.Replace("127.0.0.1", "hooks.example.com", StringComparison.Ordinal);
        Assert.Null(guard.Refuse(new Uri(url)));

        var result = await strict.GetRequiredService<AlertHttp>().SendAsync(Request(url), Ample, Token);

        Assert.Equal(SendFailure.ForbiddenAddress, result.Failure);
        Assert.StartsWith("hooks.example.com is 127.0.0.1, which is a loopback address.", result.Problem, StringComparison.Ordinal);
        Assert.Equal("hooks.example.com", Assert.Single(asked)); // judged and connected to in one look
        Assert.Empty(_hook.Received);
    }

    [Fact]
    public async Task Of_several_addresses_of_a_name_only_the_allowed_ones_are_tried()
    {
        var guard = new AddressGuard(Options.Create(new AlertsOptions { AllowedAddresses = ["127.0.0.1/32"] }))
        {
            ResolveAsync = (_, _) => Task.FromResult<IPAddress[]>([IPAddress.Parse("169.254.169.254"), IPAddress.Loopback]),
        };
        await using var services = Compose(allowLoopback: false, guard);

        var result = await services.GetRequiredService<AlertHttp>().SendAsync(Request(_hook.Url.Replace("127.0.0.1", "hooks.example.com", StringComparison.Ordinal)), Ample, Token);

        Assert.Equal(200, result.HttpStatus);
    }

    private static ServiceProvider Compose(bool allowLoopback, AddressGuard? guard = null)
    {
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(allowLoopback ? new Dictionary<string, string?> { ["Alerts:AllowedAddresses:0"] = "127.0.0.0/8" } : [])
            .Build();
        var services = new ServiceCollection().AddLogging().AddSingleton(TimeProvider.System).AddSingleton<ProcessIdentity>().AddAlerts(configuration);
        return (guard is null ? services : services.AddSingleton(guard)).BuildServiceProvider();
    }

    private static HttpRequestMessage Request(string url) => new(HttpMethod.Post, url)
    {
        Content = new StringContent("""{"dedupKey":"k"}""", System.Text.Encoding.UTF8, "application/json"),
        Headers = { { "X-Kcp-Delivery", Guid.NewGuid().ToString() }, { "X-Kcp-Event", "test" } },
    };

    private Task<SendResult> SendAsync(ReceiverAnswer answer, TimeSpan? timeout = null)
    {
        _hook.Answer = _ => answer;
        return SendToAsync(_hook.Url, timeout);
    }

    private async Task<SendResult> SendToAsync(string url, TimeSpan? timeout = null)
    {
        using var request = Request(url);
        return await _services.GetRequiredService<AlertHttp>().SendAsync(request, timeout ?? Ample, Token);
    }
}
