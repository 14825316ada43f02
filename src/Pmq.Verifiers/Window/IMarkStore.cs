using Pmq.Verifiers.Reports;

namespace Pmq.Verifiers.Window;

/// <summary>Keeps the highest accepted sequence of each network and digest over restarts. Thread-safe.</summary>
public interface IMarkStore
{
    /// <summary>The mark; null when there is none.</summary>
    long? Load(string networkId, ConfigDigest digest);

    /// <summary>Completes when no restart can forget <paramref name="sequence"/>.</summary>
    ValueTask SaveAsync(string networkId, ConfigDigest digest, long sequence, CancellationToken cancellationToken);
}
