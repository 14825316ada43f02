using Grpc.Core;

namespace Pmq.Grpc.Client;

/// <summary>How a call ended, as its writer needs it.</summary>
internal interface IEndedCall
{
    /// <summary>The status; null while the call is under way.</summary>
    Status? Ended { get; }

    /// <summary>Waits for the end.</summary>
    Task<Status> WhenEndedAsync();
}
