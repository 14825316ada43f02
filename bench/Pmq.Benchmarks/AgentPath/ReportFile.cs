using System.Diagnostics;
using System.Text.Json.Nodes;
using Pmq.Core.Runtime;
using Pmq.Verifiers.Networks;
using Pmq.Verifiers.Reports;
using Pmq.Verifiers.Window;

namespace Pmq.Benchmarks.AgentPath;

/// <summary>Reports of an OCR2 network, each of <see cref="MessageBytes"/>, signed before a run and read in it.</summary>
internal static class ReportFile
{
    public const int MessageBytes = 1024;
    public const long FirstSequence = 1;
    private const string NetworkId = "bench";

    private static readonly ConfigDigest Digest = new(Convert.FromHexString("0001").Concat(new byte[30]).ToArray());

    /// <summary>
    /// Signs with every processor for <paramref name="time"/>. To verify a report costs about as much as to sign it, so
    /// that they last for a run of half that time, in which more is done than verifying.
    /// </summary>
    /// <returns>What <see cref="Read"/> makes a keyring of, and how many were signed.</returns>
    public static (JsonObject Quorum, int Count) Write(string path, int members, int maxFaulty, TimeSpan time)
    {
        ReportSigner[] signers =
            [.. Enumerable.Range(0, members).Select(_ => ReportSigner.Generate(ReportScheme.Ocr2, SystemEntropy.Instance))];
        using FileStream file = File.Create(path);
        int payload = MessageBytes - Sign(signers, maxFaulty + 1, FirstSequence, payloadBytes: 1).Length + 1;
        int count = 0;
        long start = Stopwatch.GetTimestamp();
        Parallel.For(0, Environment.ProcessorCount, _ =>
        {
            while (Stopwatch.GetElapsedTime(start) < time)
            {
                int number = Interlocked.Increment(ref count) - 1;
                byte[] report = Sign(signers, maxFaulty + 1, FirstSequence + number, payload);
                RandomAccess.Write(file.SafeFileHandle, report, (long)number * MessageBytes);
            }
        });
        var quorum = new JsonObject
        {
            ["signers"] = new JsonArray([.. signers.Select(s => JsonValue.Create(Convert.ToHexString(s.Identity.Span)))]),
            ["maxFaulty"] = maxFaulty,
        };
        Array.ForEach(signers, signer => signer.Dispose());
        return (quorum, count);
    }

    /// <summary>The keyring of the network that <see cref="Write"/> described.</summary>
    public static Keyring Read(JsonObject quorum, string topic)
    {
        ReadOnlyMemory<byte>[] signers =
            [.. quorum["signers"]!.AsArray().Select(s => (ReadOnlyMemory<byte>)Convert.FromHexString(s!.GetValue<string>()))];
        var set = new SignerSet(
            NetworkId, ReportScheme.Ocr2, signers, quorum["maxFaulty"]!.GetValue<int>(), QuorumPolicy.OneHonest);

        // Sequences rise by thousands a second here, and some hundred are judged at once.
        var window = new WindowOptions
        {
            SkipThreshold = 8192,
            ValidityThreshold = 16_384,
            FutureBound = 10_000_000,
            SettlingSpan = TimeSpan.Zero,
        };
        return new Keyring([new Network(NetworkId, [topic], [new NetworkEpoch(Digest, set)]) { Window = window }]);
    }

    private static byte[] Sign(ReportSigner[] signers, int quorum, long sequence, int payloadBytes)
    {
        var report = new Report(ReportScheme.Ocr2, Digest, sequence, new byte[payloadBytes]);
        var signatures = new ReportSignature[quorum];
        for (int i = 0; i < quorum; i++)
        {
            signatures[i] = signers[i].Sign(NetworkId, report, (byte)i);
        }

        return new SignedReport(report, signatures).Encode();
    }
}
