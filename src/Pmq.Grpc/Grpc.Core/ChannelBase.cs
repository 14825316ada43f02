namespace Grpc.Core;

/// <summary>Where calls go.</summary>
internal abstract class ChannelBase(string target)
{
    /// <summary>The address as it was given.</summary>
    public string Target { get; } = target;

    /// <summary>Makes calls over this channel.</summary>
    public abstract CallInvoker CreateCallInvoker();
}
