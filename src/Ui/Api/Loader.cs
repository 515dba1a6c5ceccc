using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.Extensions.Logging;

namespace ControlPlane.Ui.Api;

/// <summary>
/// Fetches for pages. What the prerendered page fetched is written into it, so that the circuit which takes it over starts with the same data
/// instead of asking twice.
/// </summary>
public sealed partial class Loader : IDisposable
{
    /// <summary>A slow answer must not hold back the first paint: after this the page shows its skeleton and the circuit asks again.</summary>
    private static readonly TimeSpan PrerenderPatience = TimeSpan.FromMilliseconds(600);

    private readonly Dictionary<string, Action> _toPersist = new(StringComparer.Ordinal);
    private readonly PersistentComponentState _persisted;
    private readonly TimeProvider _time;
    private readonly ILogger<Loader> _logger;
    private readonly PersistingComponentStateSubscription _subscription;

    public Loader(PersistentComponentState persisted, TimeProvider time, ILogger<Loader> logger)
    {
        (_persisted, _time, _logger) = (persisted, time, logger);
        _subscription = persisted.RegisterOnPersisting(PersistAll, RenderMode.InteractiveServer);
    }

    /// <summary>Never throws; an older value survives a failure.</summary>
    /// <param name="key">What is fetched, the same in the prerendered page and its circuit.</param>
    /// <param name="isHandedOver">Not for what is large: it travels encrypted, so it does not compress, and back to the server in one message. Null: always.</param>
    public async Task<LoadState<T>> TryAsync<T>(string key, LoadState<T> before, bool isInteractive, Func<CancellationToken, Task<T>> fetch, CancellationToken cancellationToken, Func<T, bool>? isHandedOver = null)
        where T : class
    {
        if (before.Value is null && isInteractive && _persisted.TryTakeFromJson<T>(key, out var kept) && kept is not null)
        {
            return new(kept, null, _time.GetUtcNow());
        }

        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            var answer = fetch(patience.Token);
            var value = isInteractive ? await answer : await answer.WaitAsync(PrerenderPatience, _time, cancellationToken);
            if (cancellationToken.IsCancellationRequested)
            {
                return before;
            }

            if (isHandedOver?.Invoke(value) != false)
            {
                _toPersist[key] = () => _persisted.PersistAsJson(key, value);
            }

            return new(value, null, _time.GetUtcNow());
        }
        catch (ApiProblemException exception)
        {
            return before with { Problem = exception.Problem };
        }
        catch (TimeoutException) when (!isInteractive)
        {
            await patience.CancelAsync();
            return before;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return before; // the visitor went on; nobody looks at this any more
        }
        catch (Exception exception)
        {
            LogLoadFailed(key, exception);
            return before with { Problem = new(null, "The page failed to load this", exception.Message, "Retry; if it stays so, report it with the log of the process.") };
        }
    }

    public void Dispose() => _subscription.Dispose();

    private Task PersistAll()
    {
        foreach (var persist in _toPersist.Values)
        {
            persist();
        }

        return Task.CompletedTask;
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The page failed to load {Key}")]
    private partial void LogLoadFailed(string key, Exception exception);
}
