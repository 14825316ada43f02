using Pmq.Client.Verifying;

namespace Pmq.Client;

/// <summary>Judges messages for an agent, several at a time, and comes back when the agent restarts.</summary>
/// <remarks>
/// An exception of the rules, or rules that take too long, ignore the message: a fault of ours is held against nobody.
/// A message that the agent asks about again, since the stream broke before it had the verdict, is answered with the
/// verdict that it has; the rules are not asked twice.
/// </remarks>
public sealed class Verifier
{
    private readonly PmqClient _client;
    private readonly VerifierOptions _options;
    private readonly Func<AgentMessage, CancellationToken, ValueTask<AgentVerdict>> _verify;

    /// <summary>Creates a verifier; neither the client nor <paramref name="rules"/> is owned.</summary>
    /// <exception cref="PmqClientException">An option is out of range.</exception>
    public Verifier(PmqClient client, VerifierOptions options, IMessageVerifier rules)
        : this(client, options, (rules ?? throw new ArgumentNullException(nameof(rules))).VerifyAsync)
    {
    }

    /// <summary>Creates a verifier whose rules need not wait for anything. Called concurrently.</summary>
    /// <exception cref="PmqClientException">An option is out of range.</exception>
    public Verifier(PmqClient client, VerifierOptions options, Func<AgentMessage, AgentVerdict> rules)
        : this(client, options, (message, _) => ValueTask.FromResult(rules(message))) =>
        ArgumentNullException.ThrowIfNull(rules);

    /// <summary>Creates a verifier; the client is not owned. The rules are called concurrently.</summary>
    /// <exception cref="PmqClientException">An option is out of range.</exception>
    public Verifier(
        PmqClient client,
        VerifierOptions options,
        Func<AgentMessage, CancellationToken, ValueTask<AgentVerdict>> rules)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(rules);
        _client = client;
        _options = options.Checked();
        _verify = rules;
    }

    /// <summary>
    /// Judges until cancelled; then sends the verdicts that were given and ends without an exception. Messages whose
    /// rules are still at work are handed to the agent's next verifier.
    /// </summary>
    /// <exception cref="PmqClientException">
    /// The agent does not allow it. That it cannot be reached is no error, unless
    /// <see cref="VerifierOptions.FailsFast"/>: it is waited for.
    /// </exception>
    /// <exception cref="ObjectDisposedException">The client was disposed of.</exception>
    public async Task RunAsync(CancellationToken cancellationToken = default)
    {
        using var run = new VerifierRun(_client, _options, _verify, cancellationToken);
        await run.RunAsync().ConfigureAwait(false);
    }
}
