using FsCheck;
using FsCheck.Fluent;
using Pmq.Client.Publishing;

namespace Pmq.Client.Tests.Publishing;

public sealed class PublicationQueueTests
{
    private static readonly Publication Outcome = new("id", 1, 0, 0, false);

    [Fact]
    public void No_more_than_the_maximum_are_under_way()
    {
        var queue = new PublicationQueue(3);
        PendingPublication[] all = Add(queue, 5);

        Assert.Equal(all[..3], TakeAll(queue).Select(taken => taken.Publication));
        Assert.Same(all[0], queue.Answer(0, out bool madeRoom));
        Assert.True(madeRoom);
        Assert.Same(all[3], Assert.Single(TakeAll(queue)).Publication);
    }

    [Fact]
    public void An_answer_out_of_turn_is_taken_and_makes_no_room()
    {
        var queue = new PublicationQueue(2);
        PendingPublication[] all = Add(queue, 3);
        TakeAll(queue);

        Assert.Same(all[1], queue.Answer(1, out bool madeRoom));
        Assert.False(madeRoom);
        Assert.Null(queue.Answer(1, out _));
        Assert.Null(queue.Answer(7, out _));
        Assert.Same(all[0], queue.Answer(0, out madeRoom));
        Assert.True(madeRoom);
    }

    [Fact]
    public void After_a_break_all_without_an_answer_are_sent_again_in_order()
    {
        var queue = new PublicationQueue(4);
        PendingPublication[] all = Add(queue, 6);
        TakeAll(queue);
        queue.Answer(1, out _);

        Assert.Equal((null, 3), queue.Restart(isSuspect: false));

        Assert.Equal([all[0], all[2], all[3]], TakeAll(queue).Select(taken => taken.Publication));
    }

    [Fact]
    public void What_broke_a_stream_is_found_by_sending_one_at_a_time()
    {
        var queue = new PublicationQueue(100);
        PendingPublication[] all = Add(queue, 4);
        TakeAll(queue);
        Assert.Equal((null, 4), queue.Restart(isSuspect: true));

        Assert.Same(all[0], Assert.Single(TakeAll(queue)).Publication);
        queue.Answer(0, out _);
        Assert.Same(all[1], Assert.Single(TakeAll(queue)).Publication);
        Assert.Equal((all[1], 1), queue.Restart(isSuspect: true));

        Assert.Same(all[2], Assert.Single(TakeAll(queue)).Publication);
        queue.Answer(2, out _);
        queue.Answer(TakeAll(queue)[0].Number, out _);
        Add(queue, 5);
        Assert.Equal(5, TakeAll(queue).Count);
    }

    [Fact]
    public void What_was_given_up_is_not_sent_and_leaves_the_queue()
    {
        var queue = new PublicationQueue(100);
        PendingPublication[] all = Add(queue, 3);
        all[0].TryCancel(new CancellationToken(true));
        all[1].TryCancel(new CancellationToken(true));

        Assert.Same(all[2], Assert.Single(TakeAll(queue)).Publication);
        queue.Answer(2, out _);
        Assert.False(queue.HasWork);
    }

    [Fact]
    public void Those_that_began_too_long_ago_are_found_with_the_oldest_of_the_rest()
    {
        var queue = new PublicationQueue(1);
        PendingPublication[] all = Add(queue, 5);
        TakeAll(queue);

        Assert.Equal(all[..3], queue.Expired(2, out bool wasSent, out long? oldest));
        Assert.True(wasSent);
        Assert.Equal(3, oldest);
    }

    [Fact]
    public void A_receipt_owed_to_one_that_was_given_up_is_owed_all_the_same()
    {
        var queue = new PublicationQueue(1);
        PendingPublication[] all = Add(queue, 2);
        TakeAll(queue);
        all[0].TryCancel(new CancellationToken(true));

        Assert.Empty(queue.Expired(0, out bool wasSent, out long? oldest));
        Assert.True(wasSent);
        Assert.Equal(1, oldest);

        queue.Restart(isSuspect: false);
        Assert.Equal([all[1]], queue.Expired(1, out wasSent, out oldest));
        Assert.False(wasSent);
    }

    [Fact]
    public void A_closed_queue_takes_none()
    {
        var queue = new PublicationQueue(1);
        PendingPublication[] all = Add(queue, 2);
        var closing = new InvalidOperationException();

        Assert.Equal(all, queue.TakeAll(closing));

        Assert.Same(closing, queue.Add(new PendingPublication("t", default, 0)));
        Assert.False(queue.HasWork);
    }

    [Fact]
    public void Any_order_of_events_answers_each_once_and_keeps_order_and_bound() => Prop.ForAll<int[]>(events =>
    {
        var queue = new PublicationQueue(5);
        var waiting = new List<PendingPublication>();
        var sent = new List<(ulong Number, PendingPublication Publication)>();
        int added = 0;
        foreach (int e in events)
        {
            switch (Math.Abs(e % 8))
            {
                case 0 or 1 or 2:
                    var publication = new PendingPublication("t", default, added++);
                    queue.Add(publication);
                    waiting.Add(publication);
                    break;
                case 3:
                    sent.AddRange(TakeAll(queue));
                    Assert.True(sent.Count <= 5);
                    Assert.Equal(sent.Select(s => s.Publication.Started).Order(), sent.Select(s => s.Publication.Started));
                    break;
                case 4 or 5 when sent.Count > 0:
                    (ulong number, PendingPublication answered) = sent[Math.Abs(e / 8) % sent.Count];
                    Assert.Same(answered, queue.Answer(number, out _));
                    Assert.True(answered.TryComplete(Outcome) || answered.Task.IsCanceled);
                    Assert.Null(queue.Answer(number, out _));
                    sent.RemoveAll(s => s.Number == number);
                    waiting.Remove(answered);
                    break;
                case 6 when waiting.Count > 0:
                    waiting[Math.Abs(e / 8) % waiting.Count].TryCancel(new CancellationToken(true));
                    waiting.RemoveAll(p => p.Task.IsCanceled);
                    break;
                case 7:
                    (PendingPublication? culprit, int unanswered) = queue.Restart(isSuspect: e < 0);
                    Assert.Equal(sent.Count, unanswered);
                    sent.Clear();
                    if (culprit is not null)
                    {
                        culprit.TryFail(new InvalidOperationException());
                        waiting.Remove(culprit);
                    }

                    break;
            }
        }

        queue.Restart(isSuspect: false);
        for (List<(ulong Number, PendingPublication Publication)> rest; (rest = TakeAll(queue)).Count > 0;)
        {
            foreach ((ulong number, PendingPublication publication) in rest)
            {
                Assert.True(waiting.Remove(publication));
                Assert.Same(publication, queue.Answer(number, out _));
                publication.TryComplete(Outcome);
            }
        }

        Assert.Empty(waiting);
        Assert.False(queue.HasWork);
    }).QuickCheckThrowOnFailure();

    private static PendingPublication[] Add(PublicationQueue queue, int count)
    {
        PendingPublication[] all = [.. Enumerable.Range(0, count).Select(i => new PendingPublication("t", default, i))];
        Assert.All(all, publication => Assert.Null(queue.Add(publication)));
        return all;
    }

    private static List<(ulong Number, PendingPublication Publication)> TakeAll(PublicationQueue queue)
    {
        var taken = new List<(ulong, PendingPublication)>();
        while (queue.TakeToSend(out ulong number) is { } publication)
        {
            taken.Add((number, publication));
        }

        return taken;
    }
}
