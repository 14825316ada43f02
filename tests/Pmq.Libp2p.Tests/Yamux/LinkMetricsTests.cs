using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Pmq.Libp2p.Yamux;
using static Pmq.Libp2p.Tests.Yamux.YamuxFrames;

namespace Pmq.Libp2p.Tests.Yamux;

public sealed class LinkMetricsTests
{
    [Fact]
    public async Task Handshakes_streams_bytes_refusals_and_violations_are_counted_by_reason()
    {
        // The counters are the process's, and other tests count too: only what must be there is asked for.
        var counted = new ConcurrentDictionary<string, long>();
        using var listener = new MeterListener
        {
            InstrumentPublished = static (instrument, self) =>
            {
                if (instrument.Meter.Name == "Pmq.Libp2p")
                {
                    self.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) =>
        {
            string[] labels = [.. tags.ToArray().Select(t => $"{t.Key}={t.Value}").Order()];
            counted.AddOrUpdate($"{instrument.Name} {string.Join(' ', labels)}".Trim(), value, (_, sum) => sum + value);
        });
        listener.Start();

        await using RawYamuxPeer peer = await RawYamuxPeer.CreateAsync(new YamuxOptions { MaxInboundStreams = 1 });
        YamuxStream stream = await peer.Connection.OpenStreamAsync(CancellationToken.None);
        await stream.WriteAsync(new byte[10], CancellationToken.None);
        byte[] opens = Data(2, 1, YamuxFlags.Syn);
        await peer.SendAsync(opens, Data(4, 1, YamuxFlags.Syn), Data(99, 1), opens);
        await peer.ReadUntilAsync(f => f.Type == YamuxFrameType.GoAway);

        foreach (string expected in (string[])
            [
                "pmq.noise.handshakes direction=Inbound outcome=None",
                "pmq.noise.handshakes direction=Outbound outcome=None",
                "pmq.yamux.streams.opened direction=Inbound",
                "pmq.yamux.streams.opened direction=Outbound",
                "pmq.yamux.streams.refused",
                "pmq.yamux.frames.ignored",
                "pmq.yamux.sent",
                "pmq.yamux.received",
                "pmq.yamux.violations reason=DuplicateSyn",
            ])
        {
            Assert.True(
                counted.GetValueOrDefault(expected) > 0, $"{expected} is not among {string.Join(", ", counted.Keys)}");
        }
    }
}
