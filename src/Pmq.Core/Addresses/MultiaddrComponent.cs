namespace Pmq.Core.Addresses;

/// <summary>One part of a multiaddr, as <c>/tcp/4001</c>. A view: it lives as long as the address.</summary>
public readonly ref struct MultiaddrComponent
{
    internal MultiaddrComponent(MultiaddrProtocol protocol, ReadOnlySpan<byte> value, int start)
    {
        Protocol = protocol;
        Value = value;
        Start = start;
    }

    /// <summary>The protocol, one of <see cref="MultiaddrCode"/>.</summary>
    public int Code => Protocol.Code;

    /// <summary>The protocol's name, as <c>tcp</c>.</summary>
    public string Name => Protocol.Name;

    /// <summary>The binary value without its length; empty when the protocol has none.</summary>
    public ReadOnlySpan<byte> Value { get; }

    /// <summary>The value as text, without the leading slash of its part; empty when the protocol has none.</summary>
    public string Text => MultiaddrValue.Format(Protocol.Kind, Value);

    internal MultiaddrProtocol Protocol { get; }

    internal int Start { get; }
}
