using Microsoft.Extensions.Logging;
using Pmq.Core.Hosting;
using Pmq.Core.Identity;
using Pmq.Core.Runtime;
using Pmq.Libp2p.Multistream;
using Pmq.Libp2p.Noise;
using Pmq.Libp2p.Transport;
using Pmq.Libp2p.Yamux;

namespace Pmq.Libp2p.Upgrade;

/// <summary>
/// Makes a secured, multiplexed connection of a transport connection. The only place that knows the order: multistream
/// (<c>/noise</c>), Noise, then the muxer agreed within Noise or multistream (<c>/yamux/1.0.0</c>), Yamux. Thread-safe.
/// </summary>
internal sealed class Upgrader(
    NoiseIdentity identity,
    UpgradeOptions options,
    IEntropySource entropy,
    TimeProvider time,
    ILogger logger)
{
    private const string NoiseProtocol = "/noise";
    private const string YamuxProtocol = "/yamux/1.0.0";

    private static readonly string[] Security = [NoiseProtocol];
    private static readonly string[] Muxers = [YamuxProtocol];

    /// <summary>Upgrades within the timeout. It owns <paramref name="transport"/>, and aborts it on any fault.</summary>
    /// <param name="transport">A fresh connection.</param>
    /// <param name="direction">Whether we dialed it.</param>
    /// <param name="expectedPeer">Who must be at the other end; null takes anybody.</param>
    /// <param name="cancellationToken">Ends the upgrade with <see cref="UpgradeFault.Cancelled"/>.</param>
    public async ValueTask<UpgradeResult> UpgradeAsync(
        ITransportConnection transport,
        ConnectionDirection direction,
        PeerId? expectedPeer,
        CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(options.Timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        UpgradeResult result;
        try
        {
            result = await RunAsync(transport, direction, expectedPeer, either.Token);
        }
        catch (OperationCanceledException) when (either.IsCancellationRequested)
        {
            result = new UpgradeResult(
                null, cancellationToken.IsCancellationRequested ? UpgradeFault.Cancelled : UpgradeFault.Timeout);
        }
        catch (IOException error)
        {
            result = new UpgradeResult(null, UpgradeFault.TransportFailed, error.Message);
        }
        catch
        {
            transport.Abort();
            throw;
        }

        if (result.Connection is null)
        {
            transport.Abort();
        }

        return result;
    }

    private async ValueTask<UpgradeResult> RunAsync(
        ITransportConnection transport,
        ConnectionDirection direction,
        PeerId? expectedPeer,
        CancellationToken cancellationToken)
    {
        using var noise = new NoiseUpgrade(
            transport, direction, identity, expectedPeer, options.EarlyMuxer ? Muxers : [], options.Noise, entropy);

        // The dialer does not wait to hear that Noise is spoken: its first message leaves with the proposal.
        ReadOnlyMemory<byte> behind =
            direction == ConnectionDirection.Outbound ? noise.TakeFirstMessage() : ReadOnlyMemory<byte>.Empty;
        MultistreamResult security = await MultistreamUpgrade.RunAsync(
            transport, Negotiation(direction, Security), behind, cancellationToken);
        if (security.State != NegotiationState.Selected)
        {
            return Failed(security, UpgradeFault.NoCommonSecurity);
        }

        NoiseUpgradeResult secured = await noise.RunAsync(security.Rest, cancellationToken);
        if (secured.Channel is not { } channel)
        {
            return new UpgradeResult(
                null,
                secured.Violation == NoiseViolation.WrongPeer ? UpgradeFault.WrongPeer
                    : secured.Violation == NoiseViolation.Truncated ? UpgradeFault.TransportFailed
                    : UpgradeFault.HandshakeViolated,
                $"noise: {secured.Violation}");
        }

        try
        {
            if (channel.Muxer is null)
            {
                MultistreamResult muxer = await MultistreamUpgrade.RunAsync(
                    channel, Negotiation(direction, Muxers), cancellationToken);
                if (muxer.State != NegotiationState.Selected)
                {
                    await channel.DisposeAsync();
                    return Failed(muxer, UpgradeFault.NoCommonMuxer);
                }
            }

            return new UpgradeResult(
                new YamuxConnection(channel, direction, options.Yamux, time, logger), UpgradeFault.None);
        }
        catch
        {
            await channel.DisposeAsync();
            throw;
        }
    }

    private MultistreamNegotiation Negotiation(ConnectionDirection direction, string[] protocols) =>
        direction == ConnectionDirection.Outbound
            ? new DialerNegotiation(protocols, options.Multistream)
            : new ListenerNegotiation(protocols.Contains, options.Multistream);

    private static UpgradeResult Failed(MultistreamResult result, UpgradeFault notSupported) =>
        result.State == NegotiationState.NotSupported
            ? new UpgradeResult(null, notSupported)
            : result.Violation == MultistreamViolation.EndOfStream
                ? new UpgradeResult(null, UpgradeFault.TransportFailed, "the peer ended the connection")
                : new UpgradeResult(null, UpgradeFault.MultistreamViolated, $"multistream: {result.Violation}");
}
