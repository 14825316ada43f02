using Pmq.Gossipsub;

namespace Pmq.Engine;

/// <summary>An attached verifier. Dispose to leave: what it held goes to the next verifier.</summary>
public sealed class VerifierAttachment : IAsyncDisposable
{
    /// <summary>The messages to judge. One reader.</summary>
    public IAsyncEnumerable<ReceivedMessage> ReadAllAsync(CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>
    /// Judges a message. False if this verifier was not asked for it, or its verdict timeout has passed: the verdict is
    /// then counted as late and has no effect.
    /// </summary>
    public bool Report(string topic, string messageId, Verdict verdict) => throw new NotImplementedException();

    /// <inheritdoc />
    public ValueTask DisposeAsync() => throw new NotImplementedException();
}
