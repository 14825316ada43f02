using FsCheck;
using FsCheck.Fluent;
using Pmq.Engine.Validation;
using Pmq.Gossipsub;

namespace Pmq.Engine.Tests.Validation;

/// <summary>
/// Whatever comes in whatever order: no message is lost, judged twice, or held by two verifiers at once.
/// </summary>
public sealed class VerifierRouterProperties
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    [Fact]
    public void Every_message_ends_once_and_has_one_verifier_at_a_time()
    {
        Arbitrary<int[]> steps = Gen.Choose(0, 1 << 20).ArrayOf(200).ToArbitrary();
        Prop.ForAll(steps, Run).QuickCheckThrowOnFailure();
    }

    private static void Run(int[] steps)
    {
        var model = new Model();
        foreach (int step in steps)
        {
            model.Step(step);
        }

        model.Finish();
    }

    private sealed class Model
    {
        private static readonly string[] Topics = ["a", "b", "c"];

        // Null is ourselves.
        private static readonly object?[] Origins = [null, new(), new()];

        // Topic "a" has a shorter time and fewer places than the others.
        private readonly VerifierRouter _router = new(RulesOf, _ => false);
        private readonly List<VerifierEffect> _effects = [];
        private readonly List<VerificationRequest> _offered = [];
        private readonly List<VerificationRequest> _done = [];
        private readonly Dictionary<VerificationRequest, long> _heldBy = [];
        private readonly SortedDictionary<long, int> _attached = [];
        private readonly Dictionary<long, string[]> _serves = [];
        private TimeSpan _now;
        private long _lastVerifier;

        public void Step(int step)
        {
            int what = step % 10;
            int pick = step / 10;
            switch (what)
            {
                case 0 when _attached.Count < 4:
                    Attach(pick);
                    break;
                case 1 when _attached.Count > 0:
                    Detach(_attached.Keys.ElementAt(pick % _attached.Count));
                    break;
                case 2:
                    _now += TimeSpan.FromMilliseconds(pick % 3000);
                    _router.Advance(_now, _effects);
                    break;
                case 3 or 4 or 5 when _heldBy.Count > 0:
                    Judge(pick);
                    break;
                default:
                    Offer(Topics[pick % Topics.Length]);
                    break;
            }

            Check();
        }

        /// <summary>After the longest wait nothing is left.</summary>
        public void Finish()
        {
            _now += Timeout;
            _router.Advance(_now, _effects);
            Check();
            Assert.Equal(_offered.Count, _done.Count);
            Assert.Equal(0, _router.PendingCount);
            Assert.Null(_router.NextDeadline);
        }

        private static VerificationRules RulesOf(string topic) => topic == "a"
            ? new VerificationRules(Timeout / 4, MaxInFlight: 2)
            : new VerificationRules(Timeout);

        private void Attach(int pick)
        {
            long id = ++_lastVerifier;
            string[] topics = (pick % 3) switch
            {
                0 => [],
                1 => ["a"],
                _ => ["b", "c"],
            };
            int maxInFlight = 1 + (pick / 3 % 4);
            bool isStateless = pick / 12 % 2 == 0;
            _attached.Add(id, maxInFlight);
            _serves.Add(id, topics);
            _router.Attach(new AttachedVerifier(id, topics, isStateless, maxInFlight), _effects);
        }

        private void Detach(long id)
        {
            _attached.Remove(id);
            foreach (KeyValuePair<VerificationRequest, long> held in _heldBy.Where(held => held.Value == id).ToArray())
            {
                _heldBy.Remove(held.Key);
            }

            _router.Detach(id, _effects);
        }

        private void Judge(int pick)
        {
            (VerificationRequest request, long verifier) = _heldBy.ElementAt(pick % _heldBy.Count);
            Assert.True(_router.OnVerdict(verifier, request.Topic, request.Id, (Verdict)(pick % 3), _effects));
        }

        private void Offer(string topic)
        {
            int number = _offered.Count;
            VerificationRequest request = VerifierRouterTests.Request(
                topic, number, Origins[number % Origins.Length], 1 + (number % 5));
            Assert.True(_router.TryOffer(request, int.MaxValue, _now, _effects));
            _offered.Add(request);
        }

        private void Check()
        {
            foreach (VerifierEffect effect in _effects)
            {
                if (effect.Kind == VerifierEffectKind.Ask)
                {
                    Assert.DoesNotContain(effect.Request, _done);
                    Assert.Contains(effect.Verifier, _attached.Keys);
                    Assert.True(_heldBy.TryAdd(effect.Request, effect.Verifier), "Two verifiers hold one message.");
                }
                else
                {
                    Assert.DoesNotContain(effect.Request, _done);
                    _done.Add(effect.Request);
                    _heldBy.Remove(effect.Request);
                }
            }

            _effects.Clear();
            foreach ((long id, int maxInFlight) in _attached)
            {
                Assert.InRange(_heldBy.Count(held => held.Value == id), 0, maxInFlight);
            }

            foreach (string topic in Topics)
            {
                Assert.InRange(_heldBy.Keys.Count(held => held.Topic == topic), 0, RulesOf(topic).MaxInFlight);
            }

            Assert.All(_offered.Except(_done), request => Assert.True(request.Deadline > _now));

            // Nothing waits while everybody who could judge it has room.
            foreach (VerificationRequest waiting in _offered.Except(_done).Except(_heldBy.Keys))
            {
                string topic = waiting.Topic;
                long[] serving =
                    [.. _attached.Keys.Where(id => _serves[id].Length == 0 || _serves[id].Contains(topic))];
                bool isSomebodyFull = serving.Any(id => _heldBy.Count(held => held.Value == id) == _attached[id]);
                bool isTopicFull =
                    _heldBy.Keys.Count(held => held.Topic == topic) == RulesOf(topic).MaxInFlight;
                Assert.True(serving.Length == 0 || isSomebodyFull || isTopicFull, "A message waits for nobody.");
            }
        }
    }
}
