using System.Diagnostics.Metrics;
using Grpc.Core;

namespace Pmq.Grpc.Server;

/// <summary>What a server counts. Methods are known names and <c>unknown</c>, never what a client sent.</summary>
internal static class GrpcServerMetrics
{
    /// <summary>The meter's name.</summary>
    public const string MeterName = "Pmq.Grpc";

    private static readonly Meter Meter = new(MeterName);

    private static readonly UpDownCounter<int> Active =
        Meter.CreateUpDownCounter<int>("pmq.grpc.call.active", "{call}", "Calls under way.");

    private static readonly Counter<long> Calls =
        Meter.CreateCounter<long>("pmq.grpc.calls", "{call}", "Calls that have ended, by method and status.");

    public static void Started() => Active.Add(1);

    public static void Ended(string method, StatusCode status)
    {
        Active.Add(-1);
        if (Calls.Enabled)
        {
            Calls.Add(
                1,
                new KeyValuePair<string, object?>("method", method),
                new KeyValuePair<string, object?>("status", status.ToString()));
        }
    }
}
