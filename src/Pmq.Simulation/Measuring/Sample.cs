namespace Pmq.Simulation.Measuring;

/// <summary>One stretch of a run.</summary>
public sealed class Sample
{
    private readonly LatencyHistogram _latency = new();

    internal Sample(TimeSpan from, TimeSpan until)
    {
        From = from;
        Until = until;
    }

    /// <summary>When it began.</summary>
    public TimeSpan From { get; }

    /// <summary>When it ended.</summary>
    public TimeSpan Until { get; }

    /// <summary>Messages that honest nodes published in it.</summary>
    public int Published { get; internal set; }

    /// <summary>Deliveries of those messages that were due: set by <see cref="Measure.Settle"/>.</summary>
    public long Expected { get; internal set; }

    /// <summary>Those of them that were made: set by <see cref="Measure.Settle"/>.</summary>
    public long Delivered { get; internal set; }

    /// <summary>The delivered part of what was due; 1 when nothing was.</summary>
    public double DeliveryRate => Expected == 0 ? 1 : (double)Delivered / Expected;

    /// <summary>From publication to delivery, of the messages that were published in it.</summary>
    public LatencyHistogram Latency => _latency;

    /// <summary>Bytes of frames that honest nodes received in it, from anyone.</summary>
    public long BytesReceived { get; internal set; }

    /// <summary>Those of them that came with frames of control.</summary>
    public long ControlBytesReceived { get; internal set; }

    /// <summary>Bytes of frames that honest nodes sent in it.</summary>
    public long BytesSent { get; internal set; }

    /// <summary>Messages of the ledger in frames that honest nodes received in it, repeats included.</summary>
    public long MessagesReceived { get; internal set; }

    /// <summary>Bytes of payload that were delivered in it.</summary>
    public long PayloadBytesDelivered { get; internal set; }

    /// <summary>Deliveries in it, of whatever age.</summary>
    public long Deliveries { get; internal set; }

    /// <summary>Bytes received for each byte of payload delivered; 0 when nothing was.</summary>
    public double BytesPerPayloadByte =>
        PayloadBytesDelivered == 0 ? 0 : (double)BytesReceived / PayloadBytesDelivered;

    /// <summary>Places in meshes of honest nodes, at its end, that honest peers have.</summary>
    public long HonestMeshPlaces { get; internal set; }

    /// <summary>Places in meshes of honest nodes, at its end, that others have.</summary>
    public long OtherMeshPlaces { get; internal set; }

    /// <summary>The honest part of those places; 1 when there are none.</summary>
    public double HonestMeshShare => HonestMeshPlaces + OtherMeshPlaces is long all and > 0
        ? (double)HonestMeshPlaces / all
        : 1;

    /// <summary>Honest nodes that run at its end.</summary>
    public int HonestUp { get; internal set; }
}
