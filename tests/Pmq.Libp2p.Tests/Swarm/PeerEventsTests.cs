using Pmq.Core.Hosting;
using Pmq.Libp2p.Swarm;

namespace Pmq.Libp2p.Tests.Swarm;

public sealed class PeerEventsTests
{
    private static readonly CloseReason Reset = new(CloseKind.TransportFailed);

    private readonly PeerEvents _events = new();
    private readonly IConnection _first = new StubConnection(1);
    private readonly IConnection _second = new StubConnection(2);

    [Fact]
    public void Changes_are_told_once_and_in_order()
    {
        _events.Connected(TestPeers.Id(1), _first);
        _events.Connected(TestPeers.Id(2), _second);
        _events.Identified(TestPeers.Id(1), Description("a"));
        Assert.Equal("+1 i1:a +2", Take());
        _events.Identified(TestPeers.Id(1), Description("b"));
        _events.Identified(TestPeers.Id(1), Description("b"));
        Assert.Equal("i1:b", Take());
        _events.Disconnected(TestPeers.Id(1), Reset);
        Assert.Equal("-1", Take());
        Assert.Equal("", Take());
    }

    [Fact]
    public void A_peer_that_came_and_went_unseen_is_not_told()
    {
        _events.Connected(TestPeers.Id(1), _first);
        _events.Disconnected(TestPeers.Id(1), Reset);
        Assert.Equal("", Take());
    }

    [Fact]
    public void A_peer_that_went_and_came_back_unseen_is_told_as_both()
    {
        _events.Connected(TestPeers.Id(1), _first);
        Take();
        _events.Disconnected(TestPeers.Id(1), Reset);
        _events.Connected(TestPeers.Id(1), _second);
        Assert.Equal("-1 +1", Take());
    }

    [Fact]
    public void Identify_of_a_peer_that_is_gone_is_ignored()
    {
        _events.Connected(TestPeers.Id(1), _first);
        _events.Disconnected(TestPeers.Id(1), Reset);
        _events.Identified(TestPeers.Id(1), Description("late"));
        Assert.Equal("", Take());
        Assert.Null(_events.Describe(TestPeers.Id(1)));
    }

    [Fact]
    public void A_newcomer_hears_what_the_others_have_been_told()
    {
        _events.Connected(TestPeers.Id(1), _first);
        _events.Identified(TestPeers.Id(1), Description("a"));
        _events.Connected(TestPeers.Id(2), _second);
        Take();
        _events.Disconnected(TestPeers.Id(2), Reset);
        Take();
        var present = new List<PeerEvent>();
        _events.Replay(present);
        Assert.Equal("+1 i1:a", Text(present));
    }

    private static PeerDescription Description(string agent) => new("", agent, [], [], null);

    private string Take()
    {
        var taken = new List<PeerEvent>();
        _events.Take(taken);
        return Text(taken);
    }

    private static string Text(List<PeerEvent> events) => string.Join(' ', events.Select(static one => one switch
    {
        PeerEvent.Connected => $"+{Number(one)}",
        PeerEvent.Identified identified => $"i{Number(one)}:{identified.Description.AgentVersion}",
        _ => $"-{Number(one)}",
    }));

    private static int Number(PeerEvent one) => one.Peer.Equals(TestPeers.Id(1)) ? 1 : 2;
}
