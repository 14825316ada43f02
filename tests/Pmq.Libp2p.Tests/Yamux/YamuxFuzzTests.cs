using Pmq.Core.Runtime;
using Pmq.Libp2p.Tests.Noise;
using Pmq.Libp2p.Yamux;
using Pmq.Testing;
using static Pmq.Libp2p.Tests.Yamux.YamuxFrames;

namespace Pmq.Libp2p.Tests.Yamux;

[Collection(nameof(AllocationBound))]
public sealed class YamuxFuzzTests
{
    [Fact]
    public void Any_bytes_give_effects_or_a_violation()
    {
        YamuxSession session = Fresh();
        var effects = new List<YamuxEffect>(4096);
        ParserFuzz.Run(
            input =>
            {
                effects.Clear();
                YamuxViolation violation = session.Receive(input, TimeSpan.FromSeconds(1), effects);
                foreach (YamuxEffect effect in effects)
                {
                    Invariant.Check(effect.Offset >= 0 && effect.Length >= 0);
                    Invariant.Check(effect.Offset + effect.Length <= input.Length);
                }

                if (violation != YamuxViolation.None)
                {
                    session = Fresh();
                }
            },
            [
                [.. Data(2, 10, YamuxFlags.Syn), .. Data(2, 5), .. Window(2, 100), .. Data(2, 0, YamuxFlags.Fin)],
                [.. Window(2, 0, YamuxFlags.Syn), .. Window(2, 0, YamuxFlags.Rst), .. PingFrame(7), .. PingFrame(1)],
                [.. Window(0xFFFFFFFE, 0xFFFF, YamuxFlags.Syn), .. Data(0xFFFFFFFE, 40), .. GoAway(0)],
                [.. Data(1, 30), .. Window(1, 1000, YamuxFlags.Ack), .. Data(3, 8, YamuxFlags.Fin)],
            ]);

        // Two options keep the session itself small: what is measured is what input makes it allocate.
        static YamuxSession Fresh() =>
            new(isDialer: true, new YamuxOptions { MaxOwedControlFrames = 16, AcceptBacklog = 16 }, TimeSpan.Zero);
    }

    [Fact]
    public void A_hostile_peer_gets_named_violations_and_bounded_state_whatever_frames_it_sends()
    {
        var seen = new HashSet<YamuxViolation>();
        for (ulong seed = 0; seed < 3000; seed++)
        {
            seen.Add(new HostilePeer(seed).Run());
        }

        // The run is only worth something if it reaches all of them.
        Assert.Empty(Enum.GetValues<YamuxViolation>().Except(seen));
    }

    private sealed class HostilePeer(ulong seed)
    {
        private static readonly YamuxOptions Options = new()
        {
            MaxInboundStreams = 40,
            AcceptBacklog = 10,
            MaxOwedControlFrames = 24,
            PingsPerSecond = 1,
            PingBurst = 10,
        };

        private readonly SeededChance _chance = new(seed);
        private readonly YamuxSession _session = new(isDialer: true, Options, TimeSpan.Zero);
        private readonly List<YamuxEffect> _effects = [];
        private readonly List<YamuxStreamState> _streams = [];
        private TimeSpan _now = TimeSpan.FromSeconds(1);
        private uint _nextId = 2;
        private int _oddity;

        public YamuxViolation Run()
        {
            _oddity = 1 << _chance.NextInt32(9);
            int frames = 1 + _chance.NextInt32(200);
            for (int i = 0; i < frames; i++)
            {
                _now += TimeSpan.FromMilliseconds(_chance.NextInt32(50));
                _effects.Clear();
                YamuxViolation violation = _session.Receive(NextFrame(), _now, _effects);
                foreach (YamuxEffect effect in _effects.Where(e => e.Kind == YamuxEffectKind.Opened))
                {
                    _streams.Add(effect.Stream!);
                }

                CheckBounds();
                if (violation != YamuxViolation.None)
                {
                    return violation;
                }

                ActLocally();
            }

            return YamuxViolation.None;
        }

        // Each peer has its own measure of what is odd, so that deep states are reached as well as early ends.
        private byte[] NextFrame()
        {
            if (_chance.NextInt32(_oddity) == 0)
            {
                var flags = (YamuxFlags)_chance.NextInt32(16);
                uint id = (uint)_chance.NextInt32(12);
                return _chance.NextInt32(5) switch
                {
                    0 => Frame((YamuxFrameType)_chance.NextInt32(6), flags, id, 0),
                    1 => [1, .. Data(2, 0)[1..]],
                    2 => Data(id, _chance.NextInt32(300_000), flags),
                    _ => Window(id, (uint)_chance.NextUInt64(), flags),
                };
            }

            uint open = _chance.NextInt32(6) == 0 ? 1u : _nextId - 2 - (2 * (uint)_chance.NextInt32(4));
            var end = (YamuxFlags)(_chance.NextInt32(10) == 0 ? 4 << _chance.NextInt32(2) : 0);
            switch (_chance.NextInt32(20))
            {
                case < 3:
                    return PingFrame((uint)_chance.NextInt32(5), (YamuxFlags)(1 + _chance.NextInt32(2)));
                case < 6:
                    return Window(open, (uint)(_chance.NextInt32(20) == 0 ? uint.MaxValue - 300_000 : 1000), end);
                case < 12 when open != 1 && open < _nextId:
                    return Data(open, _chance.NextInt32(3000), end);
                default:
                    _nextId += 2;
                    return Data(_nextId - 2, _chance.NextInt32(1000), YamuxFlags.Syn | end);
            }
        }

        private void ActLocally()
        {
            if (_session.CanOpen == YamuxOpening.Open && _chance.NextInt32(20) == 0)
            {
                _streams.Add(_session.Open(_now));
            }

            if (_streams.Count > 0)
            {
                YamuxStreamState stream = _streams[_chance.NextInt32(_streams.Count)];
                switch (_chance.NextInt32(6))
                {
                    case 0:
                        _session.Commit(stream, _session.Reserve(stream, 10_000));
                        break;
                    case 1:
                        _session.Consume(stream, (int)stream.Unread, _now);
                        break;
                    case 2:
                        _session.CloseWrite(stream);
                        break;
                    case 3:
                        _session.Release(stream, _now);
                        break;
                    default:
                        _session.Accept(stream);
                        break;
                }
            }

            // A peer that does not read: frames are seldom taken.
            for (int i = _chance.NextInt32(12) == 0 ? 20 : 0; i > 0; i--)
            {
                if (!_session.TryTakeFrame(65_280, _now, out YamuxFrame frame))
                {
                    break;
                }

                if (frame.Stream is not null)
                {
                    _session.Flushed(frame.Stream, frame.BodyLength);
                }
            }
        }

        private void CheckBounds()
        {
            Invariant.Check(_session.Streams.Count(s => !s.IsOutbound) <= Options.MaxInboundStreams);
            Invariant.Check(_session.StreamCount >= 0 && _session.Buffered >= 0 && _session.WindowGrowth >= 0);
            Invariant.Check(_session.QueuedStreams <= (4 * (_session.Streams.Count() + 64)) + 32);
            foreach (YamuxStreamState stream in _session.Streams)
            {
                Invariant.Check(stream.Unread <= stream.WindowSize && stream.ReceiveWindow >= 0);
                Invariant.Check(stream.SendWindow is >= 0 and <= uint.MaxValue);
            }
        }
    }
}
