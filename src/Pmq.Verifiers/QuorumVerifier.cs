using Pmq.Client;

namespace Pmq.Verifiers;

/// <summary>
/// Judges quorum-signed reports: encoding, network, signatures, then the place in the network's order. Thread-safe.
/// </summary>
public sealed class QuorumVerifier : IMessageVerifier, IAsyncDisposable
{
    /// <summary>Creates a verifier.</summary>
    public QuorumVerifier(QuorumVerifierOptions options) => throw new NotImplementedException();

    /// <summary>
    /// Judges a message. The first reports of a window without a mark are answered after
    /// <see cref="Window.WindowOptions.SettlingSpan"/>.
    /// </summary>
    public ValueTask<Judgement> JudgeAsync(
        string topic, ReadOnlyMemory<byte> data, CancellationToken cancellationToken) =>
        throw new NotImplementedException();

    /// <inheritdoc />
    public ValueTask<AgentVerdict> VerifyAsync(AgentMessage message, CancellationToken cancellationToken) =>
        throw new NotImplementedException();

    /// <inheritdoc />
    public ValueTask DisposeAsync() => throw new NotImplementedException();
}
