using System.Threading.Channels;
using Grpc.Core;
using Pmq.Protocol;

namespace Pmq.Client.Verifying;

/// <summary>The verdicts on their way over one stream: many threads give them, one writer sends them.</summary>
/// <param name="capacity">Verdicts that wait for the writer; more make the giver wait, which keeps its place.</param>
internal sealed class VerifierStream(int capacity)
{
    private readonly Channel<(string Topic, string MessageId, AgentVerdict Verdict)> _verdicts =
        Channel.CreateBounded<(string Topic, string MessageId, AgentVerdict Verdict)>(
            new BoundedChannelOptions(capacity) { FullMode = BoundedChannelFullMode.Wait, SingleReader = true });

    /// <summary>Gives a verdict; once the stream has ended it goes nowhere.</summary>
    public ValueTask AnswerAsync(AgentMessage message, AgentVerdict verdict)
    {
        var given = (message.Topic, message.MessageId, verdict);
        return _verdicts.Writer.TryWrite(given) ? ValueTask.CompletedTask : WaitAsync(given);
    }

    /// <summary>No more verdicts are taken; <see cref="SendAsync"/> ends when those given are sent.</summary>
    public void Complete() => _verdicts.Writer.TryComplete();

    /// <summary>Sends verdicts until <see cref="Complete"/> or the end of the call.</summary>
    public async Task SendAsync(IClientStreamWriter<ValidatedMessage> stream)
    {
        // Written to the stream before the call returns, so that one object serves for all.
        var judged = new ValidatedMessage { Msg = new Message() };
        try
        {
            while (await _verdicts.Reader.WaitToReadAsync().ConfigureAwait(false))
            {
                while (_verdicts.Reader.TryRead(out (string Topic, string MessageId, AgentVerdict Verdict) given))
                {
                    judged.Msg.Topic = given.Topic;
                    judged.Msg.MessageId = given.MessageId;
                    judged.Result = given.Verdict switch
                    {
                        AgentVerdict.Accept => ValidationResult.Accept,
                        AgentVerdict.Reject => ValidationResult.Reject,
                        _ => ValidationResult.Ignore,
                    };
                    await stream.WriteAsync(judged).ConfigureAwait(false);
                }
            }
        }
        finally
        {
            Complete();
        }
    }

    private async ValueTask WaitAsync((string Topic, string MessageId, AgentVerdict Verdict) given)
    {
        while (await _verdicts.Writer.WaitToWriteAsync().ConfigureAwait(false))
        {
            if (_verdicts.Writer.TryWrite(given))
            {
                return;
            }
        }
    }
}
