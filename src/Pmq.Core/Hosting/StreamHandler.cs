namespace Pmq.Core.Hosting;

/// <summary>Serves one inbound stream. The stream is disposed when the handler's task ends.</summary>
/// <param name="stream">The stream; its <see cref="IStream.Protocol"/> is negotiated.</param>
/// <param name="cancellationToken">Signalled when the connection or the host ends.</param>
public delegate Task StreamHandler(IStream stream, CancellationToken cancellationToken);
