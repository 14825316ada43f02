using System.Buffers;
using System.Text;
using Pmq.Core.Addresses;
using Pmq.Core.Encoding;
using Pmq.Core.Protobuf;

namespace Pmq.Libp2p.Identify;

/// <summary>What we tell a peer by identify.</summary>
/// <param name="PublicKey">Our key, in its protobuf form.</param>
/// <param name="ProtocolVersion">The family of the network.</param>
/// <param name="AgentVersion">The implementation.</param>
/// <param name="Protocols">What we serve.</param>
/// <param name="Addresses">Where we listen, without <c>/p2p</c>.</param>
/// <param name="Observed">Where we see the peer.</param>
/// <param name="SignedRecord">Our addresses, signed; empty for none.</param>
internal sealed record IdentifyContent(
    ReadOnlyMemory<byte> PublicKey,
    string ProtocolVersion,
    string AgentVersion,
    IReadOnlyList<string> Protocols,
    IReadOnlyList<Multiaddr> Addresses,
    Multiaddr? Observed,
    ReadOnlyMemory<byte> SignedRecord)
{
    /// <summary>
    /// Encodes length-prefixed messages of at most the limit each. Whoever reads only the first message, as rust does,
    /// finds what matters most there: key, versions, protocols, then addresses, then the record.
    /// </summary>
    public byte[] Encode(IdentifyLimits limits)
    {
        var output = new ArrayBufferWriter<byte>(512);
        var message = new ArrayBufferWriter<byte>(512);
        int messages = 1;

        // publicKey=1, protocolVersion=5, agentVersion=6, observedAddr=4
        Add(1, PublicKey.Span);
        Add(5, Encoding.UTF8.GetBytes(ProtocolVersion));
        Add(6, Encoding.UTF8.GetBytes(AgentVersion));
        if (Observed is not null)
        {
            Add(4, Observed.Bytes);
        }

        // protocols=3, listenAddrs=2, signedPeerRecord=8
        foreach (string protocol in Protocols)
        {
            Add(3, Encoding.UTF8.GetBytes(protocol));
        }

        foreach (Multiaddr address in Addresses)
        {
            Add(2, address.Bytes);
        }

        if (!SignedRecord.IsEmpty)
        {
            Add(8, SignedRecord.Span);
        }

        Flush();
        return output.WrittenSpan.ToArray();

        void Add(int field, ReadOnlySpan<byte> value)
        {
            int size = ProtoWriter.SizeOfBytes(field, value.Length);
            if (size > limits.MaxSentMessageBytes)
            {
                return;
            }

            if (message.WrittenCount + size > limits.MaxSentMessageBytes)
            {
                if (messages == limits.MaxMessages)
                {
                    return;
                }

                Flush();
                messages++;
            }

            new ProtoWriter(message).WriteBytes(field, value);
        }

        void Flush()
        {
            int prefix = Varint.Write(output.GetSpan(Varint.MaxLength), (ulong)message.WrittenCount);
            output.Advance(prefix);
            output.Write(message.WrittenSpan);
            message.ResetWrittenCount();
        }
    }
}
