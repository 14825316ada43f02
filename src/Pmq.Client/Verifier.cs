namespace Pmq.Client;

/// <summary>Judges messages for an agent, several at a time, and comes back when the agent restarts.</summary>
public sealed class Verifier
{
    /// <summary>Creates a verifier; neither the client nor <paramref name="rules"/> is owned.</summary>
    public Verifier(PmqClient client, VerifierOptions options, IMessageVerifier rules) =>
        throw new NotImplementedException();

    /// <summary>Judges until cancelled; then ends without an exception.</summary>
    public Task RunAsync(CancellationToken cancellationToken) => throw new NotImplementedException();
}
