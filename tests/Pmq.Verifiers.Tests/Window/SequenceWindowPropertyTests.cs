using FsCheck;
using FsCheck.Fluent;
using Pmq.Client;
using Pmq.Core.Runtime;
using Pmq.Verifiers.Window;

namespace Pmq.Verifiers.Tests.Window;

/// <summary>What holds after any reports, times, crashes and restarts.</summary>
public sealed class SequenceWindowPropertyTests
{
    [Fact]
    public void No_sequence_is_accepted_twice_none_rejected_out_of_step_the_window_never_falls_and_all_is_bounded() =>
        Prop.ForAll(
            ArbMap.Default.ArbFor<ulong>(),
            seed =>
            {
                Model model = new(seed);
                for (int step = 0; step < 400; step++)
                {
                    model.Step();
                }
            }).QuickCheckThrowOnFailure();

    [Fact]
    public void The_same_inputs_give_the_same_decisions() =>
        Prop.ForAll(
            ArbMap.Default.ArbFor<ulong>(),
            seed =>
            {
                Model one = new(seed);
                Model other = new(seed);
                for (int step = 0; step < 200; step++)
                {
                    one.Step();
                    other.Step();
                }

                Assert.Equal(one.Trace, other.Trace);
            }).QuickCheckThrowOnFailure();

    [Fact]
    public void The_order_of_reports_within_the_first_second_does_not_matter() =>
        Prop.ForAll(
            ArbMap.Default.ArbFor<ulong>(),
            seed =>
            {
                SeededChance chance = new(seed);
                long[] sequences = [.. Enumerable.Range(0, 40).Select(_ => (long)chance.NextInt32(300)).Distinct()];
                long[] Accepted()
                {
                    WindowHarness window = new();
                    chance.Shuffle<long>(sequences);
                    Assert.All(sequences, sequence => Assert.Null(window.Judge(sequence)));
                    window.Advance(TimeSpan.FromSeconds(1));
                    return window.Accepted;
                }

                Assert.Equal(Accepted(), Accepted());
            }).QuickCheckThrowOnFailure();

    /// <summary>A window with a mark that is saved at some later time, and a verdict that is told only then.</summary>
    private sealed class Model
    {
        private static readonly TimeSpan[] Pauses =
            [.. new[] { 0, 0.001, 0.3, 3, 31 }.Select(TimeSpan.FromSeconds)];

        private readonly SeededChance _chance;
        private readonly WindowOptions _options;
        private readonly List<WindowEffect> _effects = [];
        private readonly List<WindowReport> _unsaved = [];
        private readonly HashSet<long> _told = [];
        private readonly List<(TimeSpan At, bool Rise)> _history = [];
        private readonly long _origin;
        private SequenceWindow _window;
        private TimeSpan _now;
        private long? _mark;
        private long _highest = -1;
        private int _rejectedAhead;

        public Model(ulong seed)
        {
            _chance = new SeededChance(seed);
            _options = new WindowOptions
            {
                SkipThreshold = 1 + _chance.NextInt32(8),
                ValidityThreshold = 8 + _chance.NextInt32(30),
                FutureBound = 1 + _chance.NextInt32(30),
                InStepSpan = TimeSpan.FromSeconds(1 + _chance.NextInt32(10)),
                MoveCount = 2 + _chance.NextInt32(3),
                MaxRuns = 2 + _chance.NextInt32(3),
                MaxHeld = 1 + _chance.NextInt32(6),
                MaxHeldBytes = 500,
                MaxRemembered = 8 + _chance.NextInt32(20),
                MaxRememberedBytes = 600,
                MaxEquivocations = 3,
                MaxEquivocationBytes = 500,
            };
            _origin = _chance.NextInt32(3) switch
            {
                0 => 0,
                1 => long.MaxValue - 100,
                _ => (long)(_chance.NextUInt64() >> 1),
            };
            _window = new SequenceWindow(_options, null);
        }

        public List<string> Trace { get; } = [];

        public void Step()
        {
            switch (_chance.NextInt32(20))
            {
                case 0:
                    Crash();
                    break;
                case 1 or 2 or 3:
                    _now += Pauses[_chance.NextInt32(Pauses.Length)];
                    _window.Pass(_now, _effects);
                    break;
                case 4 when _unsaved.Count > 0:
                    _window.Withdraw(_unsaved[^1]);
                    _unsaved.RemoveAt(_unsaved.Count - 1);
                    break;
                case 5 or 6 or 7:
                    SaveMarks();
                    break;
                default:
                    uint content = _chance.NextInt32(20) == 0 ? 1u : 0;
                    _window.Handle(WindowHarness.Report(NextSequence(), content), _now, _effects);
                    break;
            }

            Flush();
            Check();
        }

        private long NextSequence()
        {
            long near = _window.High ?? _origin;
            long offset = _chance.NextInt32(10) switch
            {
                < 6 => 1 + _chance.NextInt32(2),
                6 or 7 => _chance.NextInt32(120) - 60,
                8 => _chance.NextInt32(4000) - 2000,
                _ => (long)(_chance.NextUInt64() >> 1) - near,
            };
            return (long)Int128.Clamp((Int128)near + offset, 0, long.MaxValue);
        }

        /// <summary>Whatever was not saved was not told either.</summary>
        private void Crash()
        {
            _unsaved.Clear();
            _history.Clear();
            _window = new SequenceWindow(_options, _mark);
            _highest = _mark ?? -1;
        }

        private void SaveMarks()
        {
            foreach (WindowReport report in _unsaved)
            {
                _mark = Math.Max(_mark ?? 0, report.Sequence);
                Assert.True(_told.Add(report.Sequence), $"{report.Sequence} was accepted twice.");
            }

            _unsaved.Clear();
        }

        private void Flush()
        {
            foreach (WindowEffect effect in _effects)
            {
                Trace.Add($"{_now} {effect.Report.Sequence} {effect.Reason} {effect.InStep}");
                bool wasInStep = InStep();
                long sequence = effect.Report.Sequence;
                if (JudgementVerdicts.Of(effect.Reason, effect.InStep) == AgentVerdict.Reject)
                {
                    Assert.True(wasInStep, $"{sequence} was rejected out of step.");
                }

                if (effect.Reason == JudgementReason.Accepted)
                {
                    _unsaved.Add(effect.Report);
                    bool moved = _highest >= 0 && sequence - _highest > _options.FutureBound;
                    if (moved)
                    {
                        Assert.False(wasInStep, "The window moved though it was in step.");
                        _history.Add((_now, Rise: false));
                    }

                    if (sequence > _highest)
                    {
                        _history.Add((_now, Rise: true));
                        _highest = sequence;
                    }
                }
                else if (effect.Reason == JudgementReason.TooNew)
                {
                    if (!effect.InStep)
                    {
                        Assert.True(
                            !wasInStep || _rejectedAhead >= _options.MoveCount - 1, "It takes a run to end being in step.");
                        _history.Add((_now, Rise: false));
                    }
                    else
                    {
                        _rejectedAhead++;
                    }
                }

                _rejectedAhead = InStep() ? _rejectedAhead : 0;
            }

            _effects.Clear();
        }

        /// <summary>The definition, from the whole history.</summary>
        private bool InStep()
        {
            TimeSpan? first = null;
            TimeSpan? last = null;
            for (int i = _history.Count - 1; i >= 0 && _history[i].Rise; i--)
            {
                if ((first ?? _now) - _history[i].At > _options.InStepSpan)
                {
                    break;
                }

                first = _history[i].At;
                last ??= first;
            }

            return last - first >= _options.InStepSpan;
        }

        private void Check()
        {
            Assert.Equal(InStep(), _window.IsInStep(_now));
            Assert.True(_window.High is null || _window.High >= _highest, "The window moved back.");
            _highest = Math.Max(_highest, _window.High ?? -1);
            Assert.InRange(_window.HeldCount, 0, _options.MaxHeld);
            Assert.True(_window.HeldBytes <= _options.MaxHeldBytes || _window.HeldCount == 1);
            Assert.InRange(_window.Remembered.Count, 0, _options.MaxRemembered);
            Assert.InRange(_window.Remembered.Bytes, 0, _options.MaxRememberedBytes);
            Assert.InRange(_window.RunCount, 0, _options.MaxRuns);
            Assert.InRange(_window.Equivocations.Kept.Count(), 0, _options.MaxEquivocations);
            Assert.InRange(_window.Equivocations.Bytes, 0, _options.MaxEquivocationBytes);
            Assert.True(_window.High is null || _window.HeldCount == 0);
        }
    }
}
