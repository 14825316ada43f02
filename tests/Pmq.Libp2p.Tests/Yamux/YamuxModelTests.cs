using FsCheck;
using FsCheck.Fluent;
using Pmq.Core.Runtime;
using Pmq.Libp2p.Yamux;

namespace Pmq.Libp2p.Tests.Yamux;

/// <summary>
/// Two sessions, joined by bytes that are cut anywhere, do what two honest applications may do, in any order: no
/// violation, all that was written before a half-close arrives in order, and nothing is left over.
/// </summary>
public sealed class YamuxModelTests
{
    [Fact]
    public void Whatever_two_honest_sides_do_everything_arrives_in_order() =>
        Prop.ForAll(
            ArbMap.Default.ArbFor<ulong>(),
            static seed => new Model(seed).Run(steps: 400)).Check(Config.QuickThrowOnFailure.WithMaxTest(150));

    private sealed class Model
    {
        private readonly SeededChance _chance;
        private readonly Side _dialer;
        private readonly Side _listener;
        private TimeSpan _now = TimeSpan.FromSeconds(1);

        public Model(ulong seed)
        {
            _chance = new SeededChance(seed);
            var options = new YamuxOptions
            {
                MaxInboundStreams = 1 + _chance.NextInt32(20),
                MaxUnacknowledgedStreams = 1 + _chance.NextInt32(10),
                AcceptBacklog = 1 + _chance.NextInt32(10),
                ConnectionSendBufferBytes = 1 + _chance.NextInt32(1_000_000),
                MaxWindowBytes = 262_144 << _chance.NextInt32(4),
            };
            _dialer = new Side(true, options, _chance);
            _listener = new Side(false, options, _chance);
        }

        public bool Run(int steps)
        {
            for (int i = 0; i < steps; i++)
            {
                Side side = _chance.NextInt32(2) == 0 ? _dialer : _listener;
                Side other = side == _dialer ? _listener : _dialer;
                _now += TimeSpan.FromMilliseconds(_chance.NextInt32(20));
                switch (_chance.NextInt32(8))
                {
                    case 0:
                        side.Open(_now);
                        break;
                    case 1 or 2:
                        side.Write();
                        break;
                    case 3:
                        side.EndOne(_now);
                        break;
                    case 4:
                        side.Consume(_now);
                        break;
                    case 5:
                        side.Session.Tick(_now, []);
                        break;
                    default:
                        Transfer(side, other, _chance.NextInt32(100_000));
                        break;
                }
            }

            Drain();
            Compare(_dialer, _listener);
            Compare(_listener, _dialer);
            return true;
        }

        // Everybody half-closes and reads on until nothing moves any more.
        private void Drain()
        {
            foreach (Side side in (Side[])[_dialer, _listener])
            {
                side.CloseAll();
            }

            Settle();

            // Streams released after a half-close wait for the peer's until their time is up.
            _now += YamuxOptions.Default.LingerTimeout;
            _dialer.Session.Tick(_now, []);
            _listener.Session.Tick(_now, []);
            Settle();

            foreach (Side side in (Side[])[_dialer, _listener])
            {
                side.ReleaseAll(_now);
                Invariant.Check(side.Session.StreamCount == 0);
                Invariant.Check(side.Session.Buffered == 0);
                Invariant.Check(side.Session.WindowGrowth == 0);
                Invariant.Check(!side.Session.Streams.Any());
            }
        }

        private void Settle()
        {
            for (bool moved = true; moved;)
            {
                _now += TimeSpan.FromMilliseconds(10);
                _dialer.ConsumeAll(_now);
                _listener.ConsumeAll(_now);
                _dialer.CloseAll();
                _listener.CloseAll();
                moved = Transfer(_dialer, _listener, int.MaxValue) | Transfer(_listener, _dialer, int.MaxValue);
            }
        }

        private bool Transfer(Side from, Side to, int limit)
        {
            byte[] bytes = from.TakeBytes(limit, _now);
            for (int i = 0; i < bytes.Length;)
            {
                int length = Math.Min(bytes.Length - i, 1 + _chance.NextInt32(_chance.NextInt32(3) == 0 ? 20 : 90_000));
                to.Receive(bytes.AsSpan(i, length), _now);
                i += length;
            }

            return bytes.Length > 0;
        }

        private static void Compare(Side wrote, Side read)
        {
            foreach ((uint id, Ends mine) in wrote.All)
            {
                if (!read.All.TryGetValue(id, out Ends? theirs))
                {
                    Invariant.Check(mine.WasReset || mine.Written.Count == 0 || mine.State.IsOutbound);
                    continue;
                }

                // A reset may cut short; it never changes what came before.
                Invariant.Check(theirs.Read.Count <= mine.Written.Count);
                Invariant.Check(theirs.Read.SequenceEqual(mine.Written.Take(theirs.Read.Count)));
                if (!mine.WasReset && !theirs.WasReset)
                {
                    Invariant.Check(theirs.Read.Count == mine.Written.Count && theirs.SawEnd);
                }
            }
        }
    }

    private sealed class Ends(YamuxStreamState state)
    {
        public YamuxStreamState State { get; } = state;

        public List<byte> Written { get; } = [];

        public int Sent { get; set; }

        public List<byte> Read { get; } = [];

        public int Unconsumed { get; set; }

        public bool SawEnd { get; set; }

        public bool WasReset { get; set; }
    }

    private sealed class Side(bool isDialer, YamuxOptions options, Chance chance)
    {
        private readonly List<YamuxEffect> _effects = [];

        public YamuxSession Session { get; } = new(isDialer, options, TimeSpan.Zero);

        public Dictionary<uint, Ends> All { get; } = [];

        private List<Ends> Live => [.. All.Values.Where(e => !e.WasReset && !e.State.IsGone)];

        public void Open(TimeSpan now)
        {
            if (Session.CanOpen == YamuxOpening.Open)
            {
                Add(Session.Open(now));
            }
        }

        public void Write()
        {
            if (Pick() is { State.WriteClosed: false } ends)
            {
                int wanted = 1 + chance.NextInt32(chance.NextInt32(4) == 0 ? 300_000 : 3000);
                int reserved = Session.Reserve(ends.State, wanted);
                for (int i = 0; i < reserved; i++)
                {
                    ends.Written.Add((byte)(ends.Written.Count * 31 / 7));
                }

                Invariant.Check(Session.Commit(ends.State, reserved));
            }
        }

        public void EndOne(TimeSpan now)
        {
            if (Pick() is not { } ends)
            {
                return;
            }

            switch (chance.NextInt32(4))
            {
                case 0:
                    ends.WasReset = true;
                    Session.Reset(ends.State);
                    break;
                case 1:
                    ends.WasReset = true;
                    Session.Release(ends.State, now);
                    break;
                default:
                    Session.CloseWrite(ends.State);
                    break;
            }
        }

        public void Consume(TimeSpan now)
        {
            if (Pick() is { Unconsumed: > 0 } ends)
            {
                int length = 1 + chance.NextInt32(ends.Unconsumed);
                ends.Unconsumed -= length;
                Session.Consume(ends.State, length, now);
            }
        }

        public void ConsumeAll(TimeSpan now)
        {
            foreach (Ends ends in Live.Where(e => e.Unconsumed > 0))
            {
                Session.Consume(ends.State, ends.Unconsumed, now);
                ends.Unconsumed = 0;
            }
        }

        public void CloseAll()
        {
            foreach (Ends ends in Live)
            {
                Session.CloseWrite(ends.State);
            }
        }

        public void ReleaseAll(TimeSpan now)
        {
            foreach (Ends ends in All.Values)
            {
                Session.Release(ends.State, now);
            }
        }

        public byte[] TakeBytes(int limit, TimeSpan now)
        {
            var bytes = new List<byte>();
            var header = new byte[YamuxHeader.Size];
            while (bytes.Count < limit
                && Session.TryTakeFrame(13 + chance.NextInt32(65_268), now, out YamuxFrame frame))
            {
                frame.Header.Write(header);
                bytes.AddRange(header);
                if (frame.Stream is not null)
                {
                    Ends ends = All[frame.Stream.Id];
                    bytes.AddRange(ends.Written.Skip(ends.Sent).Take(frame.BodyLength));
                    ends.Sent += frame.BodyLength;
                    Session.Flushed(frame.Stream, frame.BodyLength);
                }
            }

            return [.. bytes];
        }

        public void Receive(ReadOnlySpan<byte> bytes, TimeSpan now)
        {
            _effects.Clear();
            YamuxViolation violation = Session.Receive(bytes, now, _effects);
            Invariant.Check(violation == YamuxViolation.None);
            foreach (YamuxEffect effect in _effects)
            {
                switch (effect.Kind)
                {
                    case YamuxEffectKind.Opened:
                        Session.Accept(effect.Stream!);
                        Add(effect.Stream!);
                        break;
                    case YamuxEffectKind.Data:
                        Ends ends = All[effect.Stream!.Id];
                        ends.Read.AddRange(bytes.Slice(effect.Offset, effect.Length));
                        ends.Unconsumed += effect.Length;
                        Invariant.Check(ends.State.Unread <= ends.State.WindowSize);
                        break;
                    case YamuxEffectKind.RemoteClosed:
                        All[effect.Stream!.Id].SawEnd = true;
                        break;
                    case YamuxEffectKind.Reset:
                        All[effect.Stream!.Id].WasReset = true;
                        break;
                }
            }
        }

        private void Add(YamuxStreamState state)
        {
            state.Owner = state.Id;
            All.Add(state.Id, new Ends(state));
        }

        private Ends? Pick()
        {
            List<Ends> live = Live;
            return live.Count == 0 ? null : live[chance.NextInt32(live.Count)];
        }
    }
}
