using System.Buffers;
using System.Text;
using Pmq.Core.Encoding;

namespace Pmq.Libp2p.Multistream;

/// <summary>
/// The framing of multistream-select 1.0: each token is a varint length, UTF-8 text and a newline that the length counts.
/// </summary>
/// <remarks><b>Spec</b>: libp2p connections/README.md, "multistream-select".</remarks>
internal static class MultistreamToken
{
    /// <summary>The token that both sides send first.</summary>
    public const string Header = "/multistream/1.0.0";

    /// <summary>The answer to a protocol that is not served.</summary>
    public const string NotAvailable = "na";

    /// <summary>Bytes that a length prefix within any sensible limit takes at most; longer ones are refused at once.</summary>
    private const int MaxPrefixBytes = Varint.MaxLength;

    /// <summary>Writes one token: varint(length + 1), text, newline.</summary>
    public static void Write(IBufferWriter<byte> output, string text)
    {
        int length = Encoding.UTF8.GetByteCount(text) + 1;
        Span<byte> span = output.GetSpan(Varint.LengthOf((ulong)length) + length);
        int written = Varint.Write(span, (ulong)length);
        written += Encoding.UTF8.GetBytes(text, span[written..]);
        span[written++] = (byte)'\n';
        output.Advance(written);
    }

    /// <summary>Bytes that <see cref="Write"/> takes for <paramref name="text"/>.</summary>
    public static int SizeOf(string text)
    {
        int length = Encoding.UTF8.GetByteCount(text) + 1;
        return Varint.LengthOf((ulong)length) + length;
    }

    /// <summary>Reads one token from the start of <paramref name="source"/>; total, and allocates nothing.</summary>
    /// <param name="source">The bytes received and not consumed yet.</param>
    /// <param name="maxTokenBytes">The longest token, its newline included.</param>
    /// <param name="token">The text without its newline, as a slice of <paramref name="source"/>.</param>
    /// <param name="consumed">The bytes of the whole token; 0 unless the result is true.</param>
    /// <param name="violation">What is wrong; <see cref="MultistreamViolation.None"/> when only bytes are missing.</param>
    /// <returns>Whether a whole token was read.</returns>
    public static bool TryRead(
        ReadOnlySpan<byte> source,
        int maxTokenBytes,
        out ReadOnlySpan<byte> token,
        out int consumed,
        out MultistreamViolation violation)
    {
        token = default;
        consumed = 0;
        violation = MultistreamViolation.None;
        VarintStatus status = Varint.Read(source[..Math.Min(source.Length, MaxPrefixBytes)], out ulong length, out int prefix);
        if (status == VarintStatus.NeedMoreData && source.Length < MaxPrefixBytes)
        {
            return false;
        }

        violation = status != VarintStatus.Done ? MultistreamViolation.MalformedLength
            : length == 0 ? MultistreamViolation.EmptyToken
            : length > (ulong)maxTokenBytes ? MultistreamViolation.TokenTooLong
            : MultistreamViolation.None;
        if (violation != MultistreamViolation.None || (ulong)(source.Length - prefix) < length)
        {
            return false;
        }

        ReadOnlySpan<byte> whole = source.Slice(prefix, (int)length);
        if (whole[^1] != (byte)'\n')
        {
            violation = MultistreamViolation.MissingNewline;
            return false;
        }

        token = whole[..^1];
        consumed = prefix + (int)length;
        return true;
    }
}
