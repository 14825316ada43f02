using Pmq.Verifiers.Reports;

namespace Pmq.Verifiers.Window;

/// <summary>Whose mark it is: a network under one digest.</summary>
internal readonly record struct MarkKey(string NetworkId, ConfigDigest Digest);
