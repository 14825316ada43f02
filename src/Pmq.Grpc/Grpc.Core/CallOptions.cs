namespace Grpc.Core;

/// <summary>What one call of a client adds.</summary>
/// <param name="headers">Metadata sent ahead.</param>
/// <param name="deadline">UTC; the call ends with DEADLINE_EXCEEDED when it has passed. Null: none.</param>
/// <param name="cancellationToken">Ends the call with CANCELLED.</param>
internal readonly struct CallOptions(
    Metadata? headers = null, DateTime? deadline = null, CancellationToken cancellationToken = default)
{
    public Metadata? Headers { get; } = headers;

    public DateTime? Deadline { get; } = deadline;

    public CancellationToken CancellationToken { get; } = cancellationToken;
}
