using FsCheck;
using FsCheck.Fluent;
using Pmq.Core.Hosting;
using Pmq.Core.Identity;
using Pmq.Core.Runtime;
using Pmq.Gossipsub.Effects;
using Pmq.Gossipsub.Messages;
using Pmq.Gossipsub.Rpc;
using Pmq.Gossipsub.Tests.Fixtures;
using Pmq.Testing;

namespace Pmq.Gossipsub.Tests;

/// <summary>What holds after any sequence of inputs.</summary>
public sealed class RouterInvariantTests
{
    [Fact]
    public void Any_sequence_of_inputs_keeps_the_tables_consistent_and_bounded() =>
        Prop.ForAll(
            ArbMap.Default.ArbFor<ulong>(),
            seed =>
            {
                RouterModel model = new(seed);
                for (int step = 0; step < 300; step++)
                {
                    model.Step();
                    model.Check();
                }
            }).QuickCheckThrowOnFailure();

    [Fact]
    public void Any_rpc_that_the_scanner_takes_is_handled_without_an_exception()
    {
        RouterHarness router = new(RouterModel.Small);
        foreach (string topic in RouterModel.TopicNames)
        {
            router.Join(topic);
        }

        GossipPeer[] peers = [.. router.AddPeers(6), router.AddPeer(protocol: PubsubProtocol.Floodsub)];
        RpcScanner scanner = new(RouterModel.Small);
        RpcView view = new();
        EffectList effects = new();
        SeededChance chance = new(1);
        RouterHarness signer = new(RouterModel.Small, identity: TestPeers.Key(5));
        byte[][] corpus =
        [
            new RpcBuilder().Subscribe("a").Subscribe("b").Subscribe("x", false).Build(),
            new RpcBuilder().Graft("a").Graft("b").Prune("a", 3).Prune("c", ulong.MaxValue).Build(),
            new RpcBuilder().Publish("a", "one").Publish("b", "one").Publish("x", "two").Build(),
            new RpcBuilder().IHave("a", RouterHarness.IdOf("one"), RouterHarness.IdOf("3")).Build(),
            new RpcBuilder().IWant(RouterHarness.IdOf("one")).Build(),
            new RpcBuilder().IDontWant(RouterHarness.IdOf("one"), "zz").Build(),
            new RpcBuilder().Publish(signer.Compose("c", "signed")).Build(),
        ];
        int step = 0;
        ParserFuzz.RunMemory(
            input =>
            {
                if (scanner.Scan(input, view) == RpcViolation.None)
                {
                    router.Router.HandleRpc(peers[step % peers.Length], view, router.Now, effects);
                }

                Settle(router, chance, effects, ++step);
            },
            corpus,
            runs: 50_000);
    }

    // What a driver does next; now and then a heartbeat.
    private static void Settle(RouterHarness router, SeededChance chance, EffectList effects, int step)
    {
        for (int i = 0; i < effects.Count; i++)
        {
            Effect effect = effects[i];
            if (effect.Kind == EffectKind.VerifySignature)
            {
                router.Router.OnSignature(effect.Message, (SignatureVerdict)chance.NextInt32(3), router.Now, effects);
            }
            else if (effect.Kind == EffectKind.Validate && chance.NextInt32(4) > 0)
            {
                router.Router.OnVerdict(effect.Message, (Verdict)chance.NextInt32(3), router.Now, effects);
            }
            else if (effect.Kind == EffectKind.Validate)
            {
                router.Router.OnLost(effect.Message, ValidationLoss.Timeout, router.Now);
            }
        }

        effects.Clear();
        if (step % 16 == 0)
        {
            router.Now = router.Router.NextHeartbeat;
            router.Router.Heartbeat(router.Now, effects);
        }

        router.Router.Flush(effects);
        effects.Clear();
    }
}
