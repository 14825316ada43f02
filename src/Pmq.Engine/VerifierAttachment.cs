using System.Runtime.CompilerServices;
using Pmq.Core.Runtime;
using Pmq.Engine.Runtime;
using Pmq.Engine.Validation;
using Pmq.Gossipsub;
using Pmq.Gossipsub.Messages;

namespace Pmq.Engine;

/// <summary>An attached verifier. Dispose to leave: what it held goes to the next verifier.</summary>
public sealed class VerifierAttachment : IAsyncDisposable
{
    private readonly VerifierPipeline _pipeline;
    private readonly int _maxUnread;
    private readonly AsyncSignal _asked = new();
    private volatile bool _isComplete;

    internal VerifierAttachment(VerifierPipeline pipeline, long id, VerifierOptions options)
    {
        _pipeline = pipeline;
        Id = id;
        Name = options.Name;
        _maxUnread = options.MaxInFlight * 2;
    }

    internal long Id { get; }

    internal string Name { get; }

    /// <summary>What was asked and not read. Guarded by the pipeline's lock.</summary>
    internal FairQueue<VerificationRequest> Unread { get; } = new();

    /// <summary>The messages to judge. One reader.</summary>
    public async IAsyncEnumerable<ReceivedMessage> ReadAllAsync(
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using CancellationTokenRegistration registration =
            cancellationToken.UnsafeRegister(static signal => ((AsyncSignal)signal!).Set(), _asked);
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (_isComplete)
            {
                yield break;
            }

            if (_pipeline.TryTake(this, out ReceivedMessage? message))
            {
                yield return message!;
            }
            else
            {
                await _asked.WaitAsync();
            }
        }
    }

    /// <summary>
    /// Judges a message. False if this verifier was not asked for it, or its verdict timeout has passed: the verdict is
    /// then counted as late and has no effect.
    /// </summary>
    public bool Report(string topic, string messageId, Verdict verdict)
    {
        // What is no id at all matches nothing, and is counted with the rest of what matches nothing.
        _ = MessageId.TryParse(messageId, out MessageId id);
        return _pipeline.Report(this, topic, id, verdict);
    }

    /// <inheritdoc />
    public ValueTask DisposeAsync()
    {
        _pipeline.Detach(this);
        Complete();
        return ValueTask.CompletedTask;
    }

    /// <summary>Called under the pipeline's lock.</summary>
    internal void Ask(VerificationRequest request)
    {
        // A verifier that reads nothing keeps its place while its messages time out; what is dead goes before what
        // lives.
        if (Unread.Count >= _maxUnread)
        {
            var live = new List<VerificationRequest>();
            while (Unread.TryDequeue(out VerificationRequest unread))
            {
                if (unread.AskedOf?.Id == Id)
                {
                    live.Add(unread);
                }
            }

            live.ForEach(Enqueue);
        }

        Enqueue(request);
        _asked.Set();
    }

    // It may be long until they are read: here, too, a flood waits for itself.
    private void Enqueue(VerificationRequest request) =>
        Unread.Enqueue(request.Topic, request.Origin, request, request.Turns);

    internal void Complete()
    {
        _isComplete = true;
        _asked.Set();
    }
}
