using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace ControlPlane.Testing;

/// <summary>How a receiver of alerts answers one request. Delivered tells whether the sender may believe that it arrived.</summary>
public sealed record ReceiverAnswer(bool IsDelivered, Func<HttpContext, Task> WriteAsync)
{
    public static ReceiverAnswer Hang { get; } = new(false, http => Task.Delay(Timeout.InfiniteTimeSpan, http.RequestAborted));

    /// <summary>The connection is cut without an answer.</summary>
    public static ReceiverAnswer Reset { get; } = new(false, http =>
    {
        http.Abort();
        return Task.CompletedTask;
    });

    /// <summary>200, and then a body that never ends.</summary>
    public static ReceiverAnswer Endless { get; } = new(true, async http =>
    {
        var block = new byte[8192];
        Array.Fill(block, (byte)'x');
        while (!http.RequestAborted.IsCancellationRequested)
        {
            await http.Response.Body.WriteAsync(block, http.RequestAborted);
        }
    });

    /// <summary>200, and then a body that stays open and says nothing.</summary>
    public static ReceiverAnswer Silent { get; } = new(true, async http =>
    {
        await http.Response.Body.FlushAsync(http.RequestAborted);
        await Task.Delay(Timeout.InfiniteTimeSpan, http.RequestAborted);
    });

    public static ReceiverAnswer Status(int status, int? retryAfterSeconds = null, string body = "said the receiver") => new(status is >= 200 and < 300, async http =>
    {
        http.Response.StatusCode = status;
        if (retryAfterSeconds is { } seconds)
        {
            http.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        }

        if (status is not 204)
        {
            await http.Response.WriteAsync(body, http.RequestAborted);
        }
    });

    public static ReceiverAnswer Redirect(string to) => new(false, http =>
    {
        http.Response.Redirect(to);
        return Task.CompletedTask;
    });

    public static ReceiverAnswer Slow(TimeSpan pause) => new(true, async http =>
    {
        await Task.Delay(pause, http.RequestAborted);
        await http.Response.WriteAsync("late", http.RequestAborted);
    });
}
