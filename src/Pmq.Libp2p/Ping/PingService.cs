using System.Buffers;
using System.IO.Pipelines;
using Pmq.Core.Hosting;

namespace Pmq.Libp2p.Ping;

/// <summary>Echoes 32 bytes as often as a peer sends them, and measures the same way.</summary>
/// <remarks><b>Spec</b>: libp2p ping/ping.md; at most two inbound streams a peer.</remarks>
internal sealed class PingService(Libp2pHostOptions options)
{
    /// <summary>The protocol id.</summary>
    public const string Protocol = "/ipfs/ping/1.0.0";

    /// <summary>Inbound streams of one peer (ping.md: the listener accepts at most two).</summary>
    public const int MaxStreamsPerPeer = 2;

    private const int PayloadBytes = 32;

    /// <summary>How long a peer may leave a ping stream silent (arbitrary, may be raised).</summary>
    private static readonly TimeSpan IdleTimeout = TimeSpan.FromSeconds(60);

    /// <summary>How long an answer may take, as go and js have it.</summary>
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(10);

    private static readonly string[] Protocols = [Protocol];

    private readonly Lock _gate = new();
    private readonly Dictionary<long, Task<TimeSpan>> _measuring = [];

    /// <summary>Serves one stream until the peer half-closes it, or leaves it silent.</summary>
    public async Task ServeAsync(IStream stream, CancellationToken cancellationToken)
    {
        byte[] payload = new byte[PayloadBytes];
        while (true)
        {
            using var idle = new CancellationTokenSource(IdleTimeout, options.TimeProvider);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, idle.Token);
            try
            {
                if (!await TryReadAsync(stream.Input, payload, either.Token))
                {
                    await stream.CloseWriteAsync(either.Token);
                    return;
                }

                await stream.WriteAsync(payload, either.Token);
            }
            catch (OperationCanceledException) when (idle.IsCancellationRequested)
            {
                return;
            }
        }
    }

    /// <summary>
    /// Measures one round trip on a stream of its own. There is one such stream a connection (ping.md): who asks while one
    /// is open gets its result.
    /// </summary>
    /// <exception cref="StreamException">The peer does not serve ping, ended the stream, or answered something else.</exception>
    /// <exception cref="TimeoutException">No answer came within 10 s.</exception>
    public async ValueTask<TimeSpan> PingAsync(IConnection connection, CancellationToken cancellationToken)
    {
        Task<TimeSpan>? measurement;
        lock (_gate)
        {
            if (!_measuring.TryGetValue(connection.Id, out measurement))
            {
                measurement = Task.Run(() => MeasureAsync(connection), CancellationToken.None);
                _measuring.Add(connection.Id, measurement);
            }
        }

        return await measurement.WaitAsync(cancellationToken);
    }

    private async Task<TimeSpan> MeasureAsync(IConnection connection)
    {
        using var timeout = new CancellationTokenSource(AnswerTimeout, options.TimeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(connection.Closed, timeout.Token);
        try
        {
            await using IStream stream = await connection.OpenStreamAsync(Protocols, either.Token);
            byte[] sent = new byte[PayloadBytes];
            byte[] echoed = new byte[PayloadBytes];
            options.Entropy.Fill(sent);
            long startedAt = options.TimeProvider.GetTimestamp();
            await stream.WriteAsync(sent, either.Token);
            bool whole = await TryReadAsync(stream.Input, echoed, either.Token);
            TimeSpan roundTrip = options.TimeProvider.GetElapsedTime(startedAt);
            if (!whole || !sent.AsSpan().SequenceEqual(echoed))
            {
                throw new StreamException(
                    StreamFault.ResetLocally, $"{connection.RemotePeer} did not echo the 32 bytes of a ping.");
            }

            await stream.CloseWriteAsync(either.Token);
            return roundTrip;
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested)
        {
            throw new TimeoutException($"{connection.RemotePeer} did not answer a ping within {AnswerTimeout}.");
        }
        catch (OperationCanceledException)
        {
            throw new StreamException(StreamFault.ConnectionClosed, "The connection ended under a ping.");
        }
        finally
        {
            lock (_gate)
            {
                _measuring.Remove(connection.Id);
            }
        }
    }

    /// <summary>Fills <paramref name="payload"/>; false when the peer half-closes before that.</summary>
    private static async ValueTask<bool> TryReadAsync(
        PipeReader input, Memory<byte> payload, CancellationToken cancellationToken)
    {
        ReadResult read = await input.ReadAtLeastAsync(PayloadBytes, cancellationToken);
        if (read.Buffer.Length < PayloadBytes)
        {
            input.AdvanceTo(read.Buffer.End);
            return false;
        }

        ReadOnlySequence<byte> taken = read.Buffer.Slice(0, PayloadBytes);
        taken.CopyTo(payload.Span);
        input.AdvanceTo(taken.End);
        return true;
    }
}
