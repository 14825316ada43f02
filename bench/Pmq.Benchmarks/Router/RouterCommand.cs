using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Pmq.Benchmarks.Compare;
using Pmq.Gossipsub;
using Pmq.Gossipsub.Scoring;
using Pmq.Gossipsub.Tests.Fixtures;
using Pmq.Gossipsub.Tracing;

namespace Pmq.Benchmarks.Router;

/// <summary><c>router</c>: one router core on one thread passes messages of 1 KiB on to a mesh of eight.</summary>
internal static class RouterCommand
{
    private const int Mesh = 8;
    private const int Copies = 3;
    private const int Payload = 1024;
    private const int Messages = 800 * ForwardingRouter.Batch;

    public static Command Create()
    {
        var runs = new Option<int>("--runs") { Description = "Windows of each row.", DefaultValueFactory = _ => 5 };
        var command = new Command(
            "router", "Passes messages of 1 KiB on through one router core on one thread, and prints the table.") { runs };
        command.SetAction(parsed => Run(parsed.GetValue(runs)));
        return command;
    }

    private static int Run(int runs)
    {
        Console.WriteLine(
            "| scored | traced | messages/s | scanner, ns a message | router, ns a message | allocated, B a message | of it holds the message | the rest |\n"
            + "| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |");
        foreach (bool scored in new[] { false, true })
        {
            foreach (bool traced in new[] { false, true })
            {
                Console.WriteLine(Measure(scored, traced, runs));
            }
        }

        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"\nMedian [least..most] of {runs} windows of {Messages:N0} messages; {Payload} B of data, handed over by one peer, passed on "
            + $"to {Mesh}, handed over again by {Copies}; scanner (limits, SHA-256) and router on one thread. "
            + $"{RuntimeInformation.FrameworkDescription}, {RuntimeInformation.OSArchitecture}."));
        return 0;
    }

    private static string Measure(bool scored, bool traced, int runs)
    {
        var options = new GossipsubOptions { Scoring = scored ? PeerScoreOptions.Default : null };
        var forwarding = new ForwardingRouter(options, Mesh, Payload, Copies);
        forwarding.Router.Trace = traced ? new Sink() : null;

        // Until the JIT has done and every table has turned over: the ids remembered as seen are the last to.
        forwarding.Run(10 * Messages);
        double[] rates = new double[runs];
        double[] scanner = new double[runs];
        double[] router = new double[runs];
        double[] allocated = new double[runs];
        for (int i = 0; i < runs; i++)
        {
            (long scannerTicks, long routerTicks) = (forwarding.ScannerTicks, forwarding.RouterTicks);
            long before = GC.GetAllocatedBytesForCurrentThread();
            forwarding.Run(Messages);
            allocated[i] = (double)(GC.GetAllocatedBytesForCurrentThread() - before) / Messages;
            scanner[i] = Nanoseconds(forwarding.ScannerTicks - scannerTicks);
            router[i] = Nanoseconds(forwarding.RouterTicks - routerTicks);
            rates[i] = 1e9 / (scanner[i] + router[i]);
        }

        double holds = forwarding.BytesThatHoldAMessage();
        double rest = new Sample(allocated).Median - holds;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"| {(scored ? "yes" : "no")} | {(traced ? "yes" : "no")} | {new Sample(rates)} | {new Sample(scanner)} | {new Sample(router)} "
            + $"| {new Sample(allocated).Median:F1} | {holds:F0} | {rest:F1} |");
    }

    private static double Nanoseconds(long ticks) => ticks * 1e9 / Stopwatch.Frequency / Messages;

    /// <summary>Takes the events as a writer would, and keeps nothing.</summary>
    private sealed class Sink : ITraceSink
    {
        private long _count;

        public void Trace(in TraceEvent traced) => _count++;
    }
}
