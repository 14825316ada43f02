using System.Net;
using System.Net.Sockets;

namespace Pmq.EndToEnd.Tests;

/// <summary>Connections to an agent that a test can cut.</summary>
internal sealed class Relay : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stopping = new();
    private readonly Lock _lock = new();
    private readonly List<Socket> _open = [];
    private readonly List<Task> _copying = [];
    private readonly IPEndPoint _target;
    private readonly Task _accepting;

    public Relay(string target)
    {
        _target = IPEndPoint.Parse(target);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public string Address => _listener.LocalEndpoint.ToString()!;

    /// <summary>Resets every connection: what is on its way is lost.</summary>
    public void Cut()
    {
        lock (_lock)
        {
            foreach (Socket socket in _open)
            {
                socket.Dispose();
            }

            _open.Clear();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _listener.Stop();
        await _accepting;
        Cut();
        await Task.WhenAll(_copying);
        _stopping.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                Socket client = await _listener.AcceptSocketAsync(_stopping.Token);
                var agent = new Socket(SocketType.Stream, ProtocolType.Tcp);

                // Closing resets.
                client.LingerState = agent.LingerState = new LingerOption(true, 0);
                lock (_lock)
                {
                    _open.AddRange([client, agent]);
                }

                await agent.ConnectAsync(_target, _stopping.Token);
                _copying.Add(CopyAsync(client, agent));
                _copying.Add(CopyAsync(agent, client));
            }
        }
        catch (Exception e) when (_stopping.IsCancellationRequested && e is OperationCanceledException or SocketException)
        {
        }
    }

    private static async Task CopyAsync(Socket from, Socket to)
    {
        byte[] buffer = new byte[16 * 1024];
        try
        {
            while (await from.ReceiveAsync(buffer) is var read and > 0)
            {
                for (int sent = 0; sent < read;)
                {
                    sent += await to.SendAsync(buffer.AsMemory(sent, read - sent));
                }
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
        }

        from.Dispose();
        to.Dispose();
    }
}
