using System.Threading.Channels;
using Microsoft.Playwright;

namespace ControlPlane.Ui.Tests.Browser;

/// <summary>The way from the circuit to the browser, which a test can hold up: what a slow line or a busy server does, without waiting for time.</summary>
internal sealed class HeldWire
{
    private readonly Channel<Action> _frames = Channel.CreateUnbounded<Action>();
    private readonly Lock _gate = new();
    private bool _isHeld;

    public static async Task<HeldWire> OfAsync(IPage page)
    {
        var wire = new HeldWire();
        await page.RouteWebSocketAsync("**/_blazor**", near =>
        {
            var server = near.ConnectToServer();
            near.OnMessage(frame => Pass(server, frame));
            server.OnMessage(frame => wire.Take(() => Pass(near, frame)));
        });
        return wire;
    }

    public void Hold()
    {
        lock (_gate)
        {
            _isHeld = true;
        }
    }

    public void Release()
    {
        lock (_gate)
        {
            _isHeld = false;
            while (_frames.Reader.TryRead(out var pass))
            {
                pass();
            }
        }
    }

    /// <summary>Lets the frames through one by one, each when it comes, until the page is as wished; what comes later stays held.</summary>
    public async Task PassUntilAsync(Func<Task<bool>> isReached)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!await isReached())
        {
            (await _frames.Reader.ReadAsync(deadline.Token))();
        }
    }

    private void Take(Action pass)
    {
        lock (_gate)
        {
            if (_isHeld)
            {
                Assert.True(_frames.Writer.TryWrite(pass));
            }
            else
            {
                pass();
            }
        }
    }

    private static void Pass(IWebSocketRoute to, IWebSocketFrame frame)
    {
        if (frame.Binary is { } binary)
        {
            to.Send(binary);
        }
        else
        {
            to.Send(frame.Text ?? "");
        }
    }
}
