using Pmq.Client.Verifying;

namespace Pmq.Client.Tests.Verifying;

public sealed class VerdictBookTests
{
    private readonly VerdictBook _book = new(capacity: 3, span: 10);
    private readonly VerifierStream _first = new(1);
    private readonly VerifierStream _second = new(1);

    [Fact]
    public void A_new_message_is_judged_and_its_verdict_goes_to_who_asked()
    {
        Assert.Equal(Asked.Judge, Ask("1", _first, 0));
        Assert.Same(_first, _book.Judge(Message("1"), AgentVerdict.Accept, 0));
    }

    [Fact]
    public void A_message_that_is_being_judged_is_answered_to_who_asked_last()
    {
        Ask("1", _first, 0);

        Assert.Equal(Asked.Wait, Ask("1", _second, 0));
        Assert.Same(_second, _book.Judge(Message("1"), AgentVerdict.Accept, 0));
    }

    [Fact]
    public void A_verdict_is_given_again_until_it_is_forgotten()
    {
        Ask("1", _first, 0);
        _book.Judge(Message("1"), AgentVerdict.Reject, 0);

        Assert.Equal(Asked.Answer, _book.Ask(Message("1"), _second, 10, out AgentVerdict verdict));
        Assert.Equal(AgentVerdict.Reject, verdict);
        Assert.Equal(Asked.Judge, Ask("1", _second, 11));
    }

    [Fact]
    public void The_same_id_on_another_topic_is_another_message()
    {
        Ask("1", _first, 0);
        _book.Judge(Message("1"), AgentVerdict.Accept, 0);

        Assert.Equal(Asked.Judge, _book.Ask(new AgentMessage("other", "1", default), _first, 0, out _));
    }

    [Fact]
    public void What_was_not_judged_in_the_end_is_asked_again()
    {
        Ask("1", _first, 0);
        _book.Abandon(Message("1"));

        Assert.Equal(Asked.Judge, Ask("1", _first, 0));
    }

    [Fact]
    public void Only_so_many_are_remembered()
    {
        for (int i = 0; i < 1000; i++)
        {
            Ask($"{i}", _first, 0);
            _book.Judge(Message($"{i}"), AgentVerdict.Accept, 0);
            Assert.InRange(_book.Count, 0, 3);
        }

        Assert.Equal(Asked.Judge, Ask("996", _first, 0));
        Assert.Equal(Asked.Answer, Ask("999", _first, 0));
    }

    private static AgentMessage Message(string id) => new("t", id, default);

    private Asked Ask(string id, VerifierStream stream, long now) => _book.Ask(Message(id), stream, now, out _);
}
