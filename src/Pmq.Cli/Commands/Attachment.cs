using System.Text;
using Pmq.Client;

namespace Pmq.Cli.Commands;

/// <summary>
/// Verifiers of a list of topics: one, or several where the list is longer than a call's headers may be.
/// </summary>
internal sealed class Attachment : IAsyncDisposable
{
    /// <summary>Half of what an agent takes as the headers of a call.</summary>
    private const int MaxHeaderBytes = 8 * 1024;

    private readonly CancellationTokenSource _stopping;
    private readonly Task[] _verifiers;

    private Attachment(CancellationTokenSource stopping, Task taken, Task[] verifiers)
    {
        _stopping = stopping;
        _verifiers = verifiers;
        Taken = taken;
        Ended = Task.WhenAny(verifiers).Unwrap();
    }

    /// <summary>Completes when the agent has taken every stream.</summary>
    public Task Taken { get; }

    /// <summary>Completes when a verifier ends, with its fault.</summary>
    public Task Ended { get; }

    /// <summary>Starts the verifiers of <paramref name="topics"/>, at least one.</summary>
    public static Attachment Start(
        PmqClient client, IReadOnlyList<string> topics, IMessageVerifier rules, CancellationToken cancellationToken)
    {
        var stopping = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        List<string[]> parts = Split(topics);
        var taken = new Task[parts.Count];
        var verifiers = new Task[parts.Count];
        for (int i = 0; i < parts.Count; i++)
        {
            string[] part = parts[i];
            var isTaken = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var options = new VerifierOptions
            {
                Topics = part,
                OnConnected = () =>
                {
                    Terminal.Note("verifying " + string.Join(", ", part));
                    isTaken.TrySetResult();
                },
                OnDisconnected = lost => Terminal.Note(lost.Message + "; trying again"),
                OnFault = (message, fault) => Terminal.Note(
                    $"{message.Topic} {message.MessageId}: ignored: {fault.Message}"),
            };
            taken[i] = isTaken.Task;
            verifiers[i] = new Verifier(client, options, rules).RunAsync(stopping.Token);
        }

        return new Attachment(stopping, Task.WhenAll(taken), verifiers);
    }

    /// <summary>Ends the verifiers and waits for them; their faults are those of <see cref="Ended"/>.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await Task.WhenAll(_verifiers).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stopping.Dispose();
    }

    private static List<string[]> Split(IReadOnlyList<string> topics)
    {
        var parts = new List<string[]>();
        var part = new List<string>();
        int bytes = 0;
        foreach (string topic in topics)
        {
            // Three characters a byte where a header cannot carry it, and a comma.
            int length = (3 * Encoding.UTF8.GetByteCount(topic)) + 1;
            if (part.Count > 0 && bytes + length > MaxHeaderBytes)
            {
                parts.Add([.. part]);
                part.Clear();
                bytes = 0;
            }

            part.Add(topic);
            bytes += length;
        }

        parts.Add([.. part]);
        return parts;
    }
}
