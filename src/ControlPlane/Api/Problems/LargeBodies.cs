using System.Buffers;
using Microsoft.AspNetCore.Http.Features;

namespace ControlPlane.Api.Problems;

/// <summary>
/// Refuses a body that says it is too large, once it has been heard out: a sender that is cut off while it still writes learns of a broken
/// connection, and never of the limit.
/// </summary>
internal static class LargeBodies
{
    /// <summary>Whoever sends more is cut off all the same.</summary>
    private const long MostHeard = 16L * BadRequests.MaxBodyBytes;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    public static async Task RefuseAsync(HttpContext context, RequestDelegate next)
    {
        if (context.Request.ContentLength is not > BadRequests.MaxBodyBytes)
        {
            await next(context);
            return;
        }

        if (context.Request.ContentLength <= MostHeard && context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = MostHeard;
            await HearOutAsync(context.Request.Body, context.RequestAborted);
        }

        throw new BadHttpRequestException("The body is too large.", StatusCodes.Status413PayloadTooLarge);
    }

    private static async Task HearOutAsync(Stream body, CancellationToken aborted)
    {
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(aborted);
        enough.CancelAfter(Patience);
        var buffer = ArrayPool<byte>.Shared.Rent(64 * 1024);
        try
        {
            while (await body.ReadAsync(buffer, enough.Token) > 0)
            {
            }
        }
        catch (OperationCanceledException) when (!aborted.IsCancellationRequested)
        {
            // it sends too slowly to be waited for
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
