using Microsoft.Extensions.Options;

namespace ControlPlane.Api.Access;

/// <summary>Counts log-ins by minute, per address and per user, before a password is looked at. Bounded: a flood of names can't fill the memory.</summary>
internal sealed class LoginThrottle(IOptions<ApiOptions> options, TimeProvider time)
{
    private const int MaxKeys = 20_000;

    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, int> _counts = new(StringComparer.Ordinal);
    private long _windowStart = time.GetTimestamp();

    /// <summary>Null where the attempt may go on; else how long to wait.</summary>
    public TimeSpan? Refuse(System.Net.IPAddress? address, string user)
    {
        lock (_gate)
        {
            var elapsed = time.GetElapsedTime(_windowStart);
            if (elapsed >= Window || _counts.Count >= MaxKeys)
            {
                _counts.Clear();
                (_windowStart, elapsed) = (time.GetTimestamp(), TimeSpan.Zero);
            }

            var byAddress = Count($"a:{address}");
            var byUser = Count($"u:{(user.Length > 100 ? user[..100] : user)}");
            return byAddress > options.Value.LoginsPerAddress || byUser > options.Value.LoginsPerUser ? Window - elapsed : null;
        }
    }

    private int Count(string key) => _counts[key] = _counts.GetValueOrDefault(key) + 1;
}
