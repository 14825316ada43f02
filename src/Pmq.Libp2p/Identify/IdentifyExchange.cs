using System.Globalization;
using System.Text;
using Pmq.Core.Addresses;
using Pmq.Core.Encoding;
using Pmq.Core.Hosting;
using Pmq.Core.Identity;
using Pmq.Core.Protobuf;

namespace Pmq.Libp2p.Identify;

/// <summary>
/// What a peer sends in one identify exchange or push, as a pure core: bytes in, a description out. Several messages are
/// merged; a field that no message has leaves what was known unchanged.
/// </summary>
/// <remarks>
/// <para>
/// Each message is varint-length-prefixed protobuf: publicKey=1 bytes, listenAddrs=2 repeated bytes, protocols=3 repeated
/// string, observedAddr=4 bytes, protocolVersion=5 string, agentVersion=6 string, signedPeerRecord=8 bytes.
/// </para>
/// <para><b>Spec</b>: libp2p identify/README.md; field 8 is what go, js and rust send beyond it.</para>
/// </remarks>
internal sealed class IdentifyExchange(PublicKey authenticated, IdentifyLimits limits)
{
    private readonly List<Multiaddr> _addresses = [];
    private readonly List<string> _protocols = [];
    private bool _hasAddresses;
    private bool _hasProtocols;
    private Multiaddr? _observed;
    private string? _protocolVersion;
    private string? _agentVersion;
    private byte[]? _record;
    private int _messages;

    /// <summary>What the peer broke.</summary>
    public IdentifyViolation Violation { get; private set; }

    /// <summary>Addresses that were left out: of unknown form, or beyond the limit.</summary>
    public int AddressesRefused { get; private set; }

    /// <summary>Bytes that a reader must be able to hold.</summary>
    public int BufferBytes => limits.MaxMessageBytes + Varint.MaxLength;

    /// <summary>Takes the bytes received and not consumed yet.</summary>
    /// <returns>The bytes consumed: whole messages only.</returns>
    public int Handle(ReadOnlySpan<byte> input)
    {
        int total = 0;
        while (Violation == IdentifyViolation.None && TryTakeMessage(input[total..], out var message, out int consumed))
        {
            total += consumed;
            HandleMessage(message);
        }

        return total;
    }

    /// <summary>The peer has ended the exchange.</summary>
    /// <param name="pending">Bytes that were received and not consumed.</param>
    public void HandleEnd(int pending)
    {
        if (Violation == IdentifyViolation.None && (pending > 0 || _messages == 0))
        {
            Violation = IdentifyViolation.Truncated;
        }
    }

    /// <summary>
    /// The peer's own signed statement of its addresses; null without one that is good, of this peer and not older than
    /// <paramref name="known"/>.
    /// </summary>
    public PeerRecord? OpenRecord(PeerId peer, PeerRecord? known)
    {
        PeerRecord? record = _record is null ? null : PeerRecord.TryOpen(_record);
        return record is not null && record.Peer.Equals(peer) && (known is null || record.Sequence >= known.Sequence)
            ? record
            : null;
    }

    /// <summary>What is known of the peer after the exchange.</summary>
    /// <param name="before">What was known before it; null for nothing.</param>
    /// <param name="record">Its signed record, whose addresses count more than the plain ones.</param>
    public PeerDescription Describe(PeerDescription? before, PeerRecord? record)
    {
        IReadOnlyList<string> protocols = before?.Protocols ?? [];
        if (_hasProtocols)
        {
            _protocols.Sort(StringComparer.Ordinal);
            protocols = [.. _protocols.Distinct(StringComparer.Ordinal)];
        }

        IReadOnlyList<Multiaddr> addresses = before?.ListenAddresses ?? [];
        if (record is not null)
        {
            addresses = [.. record.Addresses.Take(limits.MaxAddresses).Select(static address => address.WithoutPeer())];
        }
        else if (_hasAddresses)
        {
            addresses = _addresses;
        }

        return new PeerDescription(
            _protocolVersion ?? before?.ProtocolVersion ?? "",
            _agentVersion ?? before?.AgentVersion ?? "",
            protocols,
            addresses,
            _observed ?? before?.ObservedAddress)
        {
            SignedRecord = record is null ? before?.SignedRecord ?? default : _record,
        };
    }

    private bool TryTakeMessage(ReadOnlySpan<byte> input, out ReadOnlySpan<byte> message, out int consumed)
    {
        message = default;
        consumed = 0;
        VarintStatus status = Varint.Read(input[..Math.Min(input.Length, Varint.MaxLength)], out ulong length, out int prefix);
        if (status == VarintStatus.NeedMoreData && input.Length < Varint.MaxLength)
        {
            return false;
        }

        Violation = status != VarintStatus.Done ? IdentifyViolation.MalformedLength
            : length > (ulong)limits.MaxMessageBytes ? IdentifyViolation.MessageTooLong
            : _messages == limits.MaxMessages ? IdentifyViolation.TooManyMessages
            : IdentifyViolation.None;
        if (Violation != IdentifyViolation.None || (ulong)(input.Length - prefix) < length)
        {
            return false;
        }

        _messages++;
        message = input.Slice(prefix, (int)length);
        consumed = prefix + (int)length;
        return true;
    }

    private void HandleMessage(ReadOnlySpan<byte> message)
    {
        var reader = new ProtoReader(message);
        while (Violation == IdentifyViolation.None && reader.Next())
        {
            if (reader.FieldNumber is < 1 or > 8 or 7)
            {
                reader.Skip();
            }
            else if (reader.TryReadBytes(out ReadOnlySpan<byte> value))
            {
                HandleField(reader.FieldNumber, value);
            }
        }

        if (reader.Malformed && Violation == IdentifyViolation.None)
        {
            Violation = IdentifyViolation.Malformed;
        }
    }

    private void HandleField(int field, ReadOnlySpan<byte> value)
    {
        switch (field)
        {
            case 1:
                if (!value.SequenceEqual(authenticated.Protobuf))
                {
                    Violation = IdentifyViolation.WrongKey;
                }

                break;
            case 2:
                _hasAddresses = true;
                AddAddress(value);
                break;
            case 3:
                _hasProtocols = true;
                AddProtocol(value);
                break;
            case 4:
                Multiaddr.TryDecode(value, out _observed);
                break;
            case 5:
                _protocolVersion = Text(value, limits.MaxVersionBytes);
                break;
            case 6:
                _agentVersion = Text(value, limits.MaxVersionBytes);
                break;
            default:
                _record = value.ToArray();
                break;
        }
    }

    private void AddAddress(ReadOnlySpan<byte> value)
    {
        // Peers advertise transports that we do not know: each such address is refused, not the message.
        if (_addresses.Count < limits.MaxAddresses && Multiaddr.TryDecode(value, out Multiaddr? address))
        {
            _addresses.Add(address!.WithoutPeer());
        }
        else
        {
            AddressesRefused++;
        }
    }

    private void AddProtocol(ReadOnlySpan<byte> value)
    {
        if (value.Length == 0 || value.Length > limits.MaxProtocolBytes)
        {
            return;
        }

        if (_protocols.Count == limits.MaxProtocols)
        {
            Violation = IdentifyViolation.TooManyProtocols;
            return;
        }

        _protocols.Add(Encoding.UTF8.GetString(value));
    }

    /// <summary>Text of a stranger that ends in logs and terminals: what would steer those is replaced.</summary>
    private static string Text(ReadOnlySpan<byte> value, int maxBytes) =>
        string.Concat(Encoding.UTF8.GetString(value[..Math.Min(value.Length, maxBytes)]).Select(Harmless));

    private static char Harmless(char character) => char.GetUnicodeCategory(character) is UnicodeCategory.Control
        or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
        ? '\uFFFD'
        : character;
}
