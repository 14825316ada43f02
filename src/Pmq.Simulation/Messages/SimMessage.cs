using Pmq.Gossipsub.Messages;
using Pmq.Simulation.Links;

namespace Pmq.Simulation.Messages;

/// <summary>A message of the ledger: who made it when, what it deserves, and who has it.</summary>
public sealed class SimMessage
{
    private ulong[] _delivered = [];

    internal SimMessage(int number, string topic, Actor? author, MessageTruth truth, TimeSpan at, int size)
    {
        Number = number;
        Topic = topic;
        Author = author;
        Truth = truth;
        CreatedAt = at;
        Size = size;
    }

    /// <summary>Its place in the ledger.</summary>
    public int Number { get; }

    /// <summary>The topic.</summary>
    public string Topic { get; }

    /// <summary>Who made it; null if nobody in particular.</summary>
    public Actor? Author { get; }

    /// <summary>What it deserves.</summary>
    public MessageTruth Truth { get; }

    /// <summary>When it was made.</summary>
    public TimeSpan CreatedAt { get; }

    /// <summary>Bytes of payload.</summary>
    public int Size { get; }

    /// <summary>Its RPC in canonical encoding, to be sent by anyone to anyone.</summary>
    public Frame Frame { get; internal set; } = null!;

    /// <summary>The id that it has on its topic.</summary>
    public MessageId Id { get; internal set; }

    /// <summary>Actors that it was delivered to.</summary>
    public int DeliveredCount { get; private set; }

    /// <summary>The longest time from making to a delivery.</summary>
    public TimeSpan MaxLatency { get; private set; }

    /// <summary>Whether it was published by an honest node, so that it counts.</summary>
    public bool IsMeasured { get; internal set; }

    internal byte[] FrameBytes { get; set; } = null!;

    internal MessageEncoding Encoding { get; set; }

    /// <summary>Whether it was delivered to an actor.</summary>
    public bool WasDeliveredTo(Actor actor) =>
        actor.Number >> 6 is int word && word < _delivered.Length
        && (_delivered[word] >> (actor.Number & 63) & 1) != 0;

    /// <summary>Notes a delivery; false if that actor has it already.</summary>
    internal bool SetDelivered(Actor actor, TimeSpan latency)
    {
        int word = actor.Number >> 6;
        if (word >= _delivered.Length)
        {
            Array.Resize(ref _delivered, Math.Max(word + 1, (actor.World.Actors.Count + 63) >> 6));
        }

        ulong bit = 1UL << (actor.Number & 63);
        if ((_delivered[word] & bit) != 0)
        {
            return false;
        }

        _delivered[word] |= bit;
        DeliveredCount++;
        MaxLatency = latency > MaxLatency ? latency : MaxLatency;
        return true;
    }
}
