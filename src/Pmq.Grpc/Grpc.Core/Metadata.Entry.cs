using System.Buffers;
using System.Text;

namespace Grpc.Core;

internal sealed partial class Metadata
{
    private static readonly SearchValues<char> KeyCharacters =
        SearchValues.Create("0123456789abcdefghijklmnopqrstuvwxyz_-.");

    /// <summary>One key with its text or bytes.</summary>
    internal sealed class Entry
    {
        private readonly string? _text;
        private readonly byte[]? _bytes;

        /// <exception cref="ArgumentException">
        /// The key has other characters than 0-9 a-z _ - . or ends in -bin, or the value is not printable ASCII.
        /// </exception>
        public Entry(string key, string value)
            : this(CheckKey(key, isBinary: false), value, null)
        {
            if (value.AsSpan().ContainsAnyExceptInRange(' ', '~'))
            {
                throw new ArgumentException(
                    $"The value of metadata '{key}' is not printable ASCII: use a key that ends in -bin.",
                    nameof(value));
            }
        }

        /// <exception cref="ArgumentException">The key has other characters or does not end in -bin.</exception>
        public Entry(string key, byte[] valueBytes)
            : this(CheckKey(key, isBinary: true), null, valueBytes)
        {
        }

        private Entry(string key, string? text, byte[]? bytes)
        {
            Key = key;
            _text = text;
            _bytes = bytes;
        }

        /// <summary>Lower case.</summary>
        public string Key { get; }

        /// <summary>The key ends in <c>-bin</c>.</summary>
        public bool IsBinary => _bytes is not null;

        /// <summary>The text.</summary>
        /// <exception cref="InvalidOperationException">The entry is binary.</exception>
        public string Value =>
            _text ?? throw new InvalidOperationException($"Metadata '{Key}' is binary: read ValueBytes.");

        /// <summary>The bytes; of a text entry its ASCII.</summary>
        public byte[] ValueBytes => _bytes ?? Encoding.ASCII.GetBytes(_text!);

        /// <summary>A text entry as a peer sent it: whatever HTTP let through is kept.</summary>
        public static Entry Received(string key, string value) => new(key, value, null);

        /// <summary>A binary entry as a peer sent it.</summary>
        public static Entry Received(string key, byte[] valueBytes) => new(key, null, valueBytes);

        /// <inheritdoc/>
        public override string ToString() => IsBinary ? $"{Key}: {_bytes!.Length} bytes" : $"{Key}: {_text}";

        private static string CheckKey(string key, bool isBinary)
        {
            var lower = key.ToLowerInvariant();
            if (lower.Length == 0 || lower.AsSpan().ContainsAnyExcept(KeyCharacters))
            {
                throw new ArgumentException($"The metadata key '{key}' is not made of 0-9 a-z _ - .", nameof(key));
            }

            if (lower.EndsWith(BinaryHeaderSuffix, StringComparison.Ordinal) != isBinary)
            {
                throw new ArgumentException(
                    isBinary ? $"The key '{key}' of binary metadata does not end in -bin."
                        : $"The key '{key}' ends in -bin: its value is bytes.",
                    nameof(key));
            }

            return lower;
        }
    }
}
