using Grpc.Core;
using Microsoft.AspNetCore.Http;

namespace Pmq.Grpc.Wire;

/// <summary>Metadata as HTTP headers: text as it is, <c>-bin</c> values as base64.</summary>
/// <remarks>Spec: gRPC over HTTP/2, Custom-Metadata.</remarks>
internal static class MetadataCodec
{
    /// <summary>The header value of an entry.</summary>
    public static string Encode(Metadata.Entry entry) =>
        entry.IsBinary ? Convert.ToBase64String(entry.ValueBytes).TrimEnd('=') : entry.Value;

    /// <summary>Adds each entry as a header.</summary>
    public static void Append(Metadata metadata, IHeaderDictionary headers)
    {
        foreach (var entry in metadata)
        {
            headers.Append(entry.Key, Encode(entry));
        }
    }

    /// <summary>
    /// Reads one header value into <paramref name="metadata"/>. Headers of the protocol are passed over. A value of a
    /// <c>-bin</c> key is a comma-separated list of base64, padded or not; false when one is neither, and that one is
    /// left out.
    /// </summary>
    public static bool Decode(string name, string value, Metadata metadata)
    {
        if (GrpcHeaders.IsReserved(name))
        {
            return true;
        }

        var key = name.ToLowerInvariant();
        if (!key.EndsWith(Metadata.BinaryHeaderSuffix, StringComparison.Ordinal))
        {
            metadata.Add(Metadata.Entry.Received(key, value));
            return true;
        }

        var isValid = true;
        foreach (var range in value.AsSpan().Split(','))
        {
            if (TryBase64(value.AsSpan(range).Trim(' '), out var bytes))
            {
                metadata.Add(Metadata.Entry.Received(key, bytes));
            }
            else
            {
                isValid = false;
            }
        }

        return isValid;
    }

    private static bool TryBase64(ReadOnlySpan<char> text, out byte[] bytes)
    {
        bytes = [];
        var unpadded = text.TrimEnd('=');
        if (unpadded.Length % 4 == 1 || text.Length - unpadded.Length > 2 || unpadded.ContainsAny(" \t\r\n"))
        {
            return false;
        }

        var padded = new char[(unpadded.Length + 3) / 4 * 4];
        padded.AsSpan(unpadded.Length).Fill('=');
        unpadded.CopyTo(padded);
        var buffer = new byte[padded.Length / 4 * 3];
        if (!Convert.TryFromBase64Chars(padded, buffer, out var length))
        {
            return false;
        }

        bytes = buffer[..length];
        return true;
    }
}
