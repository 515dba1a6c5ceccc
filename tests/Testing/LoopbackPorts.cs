using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace ControlPlane.Testing;

/// <summary>
/// Ports of 127.0.0.1 that nobody listens on now. None is given twice, since its first owner may be down only to come back. Another process may
/// still take one: starters retry with new ones.
/// </summary>
public static class LoopbackPorts
{
    // Below the range from which the system takes ports for outgoing connections, so that a broker finds its port free again after a restart.
    private const int First = 20_000;
    private const int Last = 32_000;

    private static readonly ConcurrentDictionary<int, byte> Given = new();

    public static IReadOnlyList<int> Free(int count)
    {
        var found = new HashSet<int>();
        for (var attempt = 0; attempt < 1_000 && found.Count < count; attempt++)
        {
            var port = Random.Shared.Next(First, Last);
            if (IsFree(port) && Given.TryAdd(port, 0))
            {
                found.Add(port);
            }
        }

        return found.Count == count
            ? [.. found]
            : throw new InvalidOperationException($"No {count} free ports between {First} and {Last} on 127.0.0.1; stop what listens there.");
    }

    /// <summary>A port that refuses connections as long as the returned socket, bound but not listening, is held.</summary>
    public static Socket Refusing(out int port)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        port = ((IPEndPoint)socket.LocalEndPoint!).Port;
        return socket;
    }

    private static bool IsFree(int port)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
