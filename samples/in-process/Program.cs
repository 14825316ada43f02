// Two peers in one process, without an agent: Alice publishes what the oracles of a network have signed, Bob verifies
// and prints it.
using System.Security.Cryptography;
using System.Text;
using Pmq.Core.Runtime;
using Pmq.Engine;
using Pmq.Gossipsub;
using Pmq.Verifiers;
using Pmq.Verifiers.Networks;
using Pmq.Verifiers.Reports;
using AgentVerdict = Pmq.Client.AgentVerdict;

const string Overlay = "prices.reports.1";
using var stopping = new CancellationTokenSource(TimeSpan.FromSeconds(30));

// The network: four oracles, of which one may be faulty, so that two signatures make a report.
ReportSigner[] oracles =
    [.. Enumerable.Range(0, 4).Select(_ => ReportSigner.Generate(ReportScheme.Ed25519, SystemEntropy.Instance))];
ReportSigner stranger = ReportSigner.Generate(ReportScheme.Ed25519, SystemEntropy.Instance);
var signers = new SignerSet(
    "prices", ReportScheme.Ed25519, [.. oracles.Select(oracle => oracle.Identity)], 1, QuorumPolicy.OneHonest);
var digest = new ConfigDigest(SHA256.HashData("prices, epoch 1"u8));

// What Bob knows of it: its overlays, its configuration and its keys.
var keyring = new Keyring([new Network("prices", [Overlay], [new NetworkEpoch(digest, signers)])]);

// Alice listens on a free port of this machine. Bob dials her, and again whenever he has lost her.
await using PmqPeer alice = await PmqPeer.StartAsync(new PmqPeerOptions(), stopping.Token);
await using PmqPeer bob = await PmqPeer.StartAsync(
    new PmqPeerOptions { Topics = [Overlay], Peers = alice.ListenAddresses }, stopping.Token);

// Bob's verifier is handed each message before it is delivered or passed on.
await using var rules = new QuorumVerifier(new QuorumVerifierOptions { Networks = keyring });
await using VerifierAttachment verifier = bob.AttachVerifier(new VerifierOptions { Name = "quorum" });
Task verifying = Parallel.ForEachAsync(
    verifier.ReadAllAsync(stopping.Token), new ParallelOptions { MaxDegreeOfParallelism = 64 }, VerifyAsync);

await using MessageListener listener = bob.Listen(new ListenOptions { Topics = [Overlay] });
await PublishAsync(1, "ETH/USD 3141.59", (0, oracles[0]), (2, oracles[2]));
await PublishAsync(2, "ETH/USD 0.01", (0, oracles[0]), (2, stranger));
await PublishAsync(2, "ETH/USD 3142.65", (1, oracles[1]), (3, oracles[3]));
await foreach (ReceivedMessage message in listener.ReadAllAsync(stopping.Token).Take(2))
{
    Report report = SignedReport.Decode(message.Data).Report;
    Console.WriteLine($"Bob got #{report.Sequence}: {Encoding.UTF8.GetString(report.Payload.Span)}");
}

await verifier.DisposeAsync();
await verifying;

async Task PublishAsync(long sequence, string text, params (byte Index, ReportSigner Key)[] members)
{
    var report = new Report(ReportScheme.Ed25519, digest, sequence, Encoding.UTF8.GetBytes(text));
    var signed = new SignedReport(
        report, [.. members.Select(member => member.Key.Sign("prices", report, member.Index))]);

    // Until Alice knows that Bob has subscribed it reaches nobody, is not remembered and may be published again.
    while (await alice.PublishAsync(Overlay, signed.Encode(), stopping.Token) is { Sent: 0, Queued: 0 })
    {
        await Task.Delay(50, stopping.Token);
    }
}

async ValueTask VerifyAsync(ReceivedMessage message, CancellationToken cancellationToken)
{
    Judgement judgement = await rules.JudgeAsync(message.Topic, message.Data, cancellationToken);
    Console.WriteLine($"Bob says {judgement.Verdict} to #{judgement.Sequence}: {judgement.Reason}");
    verifier.Report(message.Topic, message.MessageId, judgement.Verdict switch
    {
        AgentVerdict.Accept => Verdict.Accept,
        AgentVerdict.Reject => Verdict.Reject,
        _ => Verdict.Ignore,
    });
}
