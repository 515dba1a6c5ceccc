using System.Globalization;
using ControlPlane.Engine.Alerts;
using ControlPlane.Storage;
using ControlPlane.Storage.Secrets;
using Microsoft.Extensions.Options;

namespace ControlPlane.Alerts;

/// <summary>Sends one claimed delivery and writes down how it went.</summary>
internal sealed class DeliverySender(
    DeliveryQueue queue, AlertTargetStore targets, AlertHttp http, DeliveryReports reports, IOptions<AlertsOptions> options, TimeProvider time)
{
    /// <summary>How long the outcome of an attempt may take to be written when this process is being stopped.</summary>
    private static readonly TimeSpan LastWords = TimeSpan.FromSeconds(5);

    /// <summary>One attempt, from the secret to the log.</summary>
    /// <param name="claim">What to send.</param>
    /// <param name="claimedAt">Taken on <see cref="TimeProvider.GetTimestamp"/> before the claim was made.</param>
    /// <param name="stopping">This process ends.</param>
    public async Task SendAsync(DeliveryClaim claim, long claimedAt, CancellationToken stopping)
    {
        var began = time.GetTimestamp();
        var (result, wait) = await AttemptAsync(claim, claimedAt, stopping);
        if (wait is { } hold)
        {
            await queue.ReleaseAsync(claim, hold, stopping);
            return;
        }

        if (result is null)
        {
            reports.Lost(claim);
            return;
        }

        var outcome = Judge(claim, result, time.GetElapsedTime(began), stopping.IsCancellationRequested);
        using var patience = new CancellationTokenSource(LastWords, time);
        var written = stopping.IsCancellationRequested ? patience.Token : stopping;
        if (await queue.CompleteAsync(claim, outcome, options.Value.Schedule, written))
        {
            reports.Ended(claim, outcome);
        }
        else
        {
            reports.Lost(claim);
        }
    }

    /// <summary>A result; or a wait for the rate limit; or neither, where the claim is about to run out and another process may be sending.</summary>
    private async Task<(SendResult? Result, TimeSpan? Wait)> AttemptAsync(DeliveryClaim claim, long claimedAt, CancellationToken stopping)
    {
        if (options.Value.Schedule.GivesUp(claim.Age, TimeSpan.Zero))
        {
            return (NotSendable(string.Create(CultureInfo.InvariantCulture, $"Given up: it could not be delivered within {options.Value.GiveUpAfter.TotalHours:0.#} hours.")), null);
        }

        var channel = Channels.Of(claim.Kind);
        string? secret;
        try
        {
            secret = await targets.LoadSecretAsync(claim.Target, stopping);
        }
        catch (SecretUnreadableException ex)
        {
            return (NotSendable(ex.Message), null);
        }

        if (channel.RefuseSecret(secret) is not null)
        {
            return (NotSendable("The target's secret is missing or unusable. Enter it again."), null);
        }

        if (channel.RateKey(secret) is { } key && await queue.TakeTokenAsync(key, stopping) is { } wait)
        {
            return (null, wait);
        }

        // A process that slept since its claim must not speak over the one that has taken the delivery over.
        if (time.GetElapsedTime(claimedAt) + options.Value.RequestTimeout > options.Value.ClaimLease)
        {
            return (null, null);
        }

        using var request = channel.CreateRequest(claim, secret, time.GetUtcNow());
        return (await http.SendAsync(request, options.Value.RequestTimeout, stopping), null);
    }

    private AttemptOutcome Judge(DeliveryClaim claim, SendResult result, TimeSpan took, bool isStopping)
    {
        var verdict = SendVerdicts.Judge(result);
        var counts = result.Failure is not SendFailure.NotSendable && !(isStopping && result.Failure == SendFailure.NoAnswer);
        if (verdict != SendVerdict.Retry)
        {
            return new AttemptOutcome(result, verdict, verdict == SendVerdict.Delivered ? DeliveryState.Delivered : DeliveryState.Failed, null, took, counts);
        }

        var schedule = options.Value.Schedule;
        var pause = counts ? schedule.Pause(claim.Attempt, result.RetryAfter, Random.Shared.NextDouble()) : TimeSpan.Zero;
        return schedule.GivesUp(claim.Age + took, pause)
            ? new AttemptOutcome(result with { Problem = $"{result.Problem} Given up after {claim.Attempt.ToString(CultureInfo.InvariantCulture)} attempts." }, verdict, DeliveryState.Failed, null, took, counts)
            : new AttemptOutcome(result, verdict, DeliveryState.Queued, pause, took, counts);
    }

    private static SendResult NotSendable(string problem) => new(null, SendFailure.NotSendable, problem, null, null);
}
