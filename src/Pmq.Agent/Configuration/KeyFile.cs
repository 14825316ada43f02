using System.Security.Cryptography;
using System.Text;
using Pmq.Core.Identity;

namespace Pmq.Agent.Configuration;

/// <summary>
/// The file that holds an agent's private key: base64 of the libp2p form, as the Go agent's privateKey.
/// </summary>
internal static class KeyFile
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>A key in base64 is about 100 bytes, RSA 8192 about 6 KiB.</summary>
    private const int MaxFileBytes = 64 * 1024;

    /// <summary>Reads the key that <paramref name="setting"/> names the file of.</summary>
    /// <exception cref="ConfigurationException">The file cannot be read or holds no key that signs.</exception>
    public static PrivateKey Read(SettingValue setting)
    {
        string path = (string)setting.Value!;
        string text;
        try
        {
            using FileStream stream = File.OpenRead(path);
            if (stream.Length > MaxFileBytes)
            {
                throw new ConfigurationException($"{setting.Label}: holds no key: it is too large");
            }

            using var reader = new StreamReader(stream, Encoding.UTF8);
            text = reader.ReadToEnd();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException
            or NotSupportedException)
        {
            throw new ConfigurationException(
                $"{setting.Label}: cannot be read: {FileFault.Describe(e)}; pmq keygen makes a key file");
        }

        return Decode(text) ?? throw new ConfigurationException(
            $"{setting.Label}: holds no libp2p private key in base64; pmq keygen makes one");
    }

    /// <summary>The key in <paramref name="text"/>, padded or not; null if it is none.</summary>
    public static PrivateKey? Decode(string text)
    {
        string trimmed = text.Trim().TrimEnd('=');
        byte[] bytes = new byte[trimmed.Length];
        string padded = trimmed + new string('=', (4 - (trimmed.Length % 4)) % 4);
        bool isKey = Convert.TryFromBase64String(padded, bytes, out int length);
        try
        {
            return isKey && PrivateKey.TryDecode(bytes.AsSpan(0, length), out PrivateKey? key) ? key : null;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
        }
    }

    /// <summary>The key as text, unpadded.</summary>
    public static string Encode(PrivateKey key)
    {
        byte[] bytes = key.ToProtobuf();
        string text = Convert.ToBase64String(bytes).TrimEnd('=');
        CryptographicOperations.ZeroMemory(bytes);
        return text;
    }

    /// <summary>Writes the key, readable by its owner alone; what stands at the path is whole at each moment.</summary>
    /// <exception cref="ConfigurationException">It exists and may not be replaced, or cannot be written.</exception>
    public static void Write(string path, PrivateKey key, bool mayReplace) => Write(path, Encode(key), mayReplace);

    /// <summary>Writes a secret as one line of ASCII, in the same way.</summary>
    /// <exception cref="ConfigurationException">It exists and may not be replaced, or cannot be written.</exception>
    public static void Write(string path, string secret, bool mayReplace)
    {
        string full = Path.GetFullPath(path);
        string temporary = $"{full}.{Environment.ProcessId}.tmp";
        try
        {
            if (!mayReplace && File.Exists(full))
            {
                throw Exists(path);
            }

            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows())
            {
                options.UnixCreateMode = OwnerOnly;
            }

            using (var stream = new FileStream(temporary, options))
            {
                stream.Write(Encoding.ASCII.GetBytes(secret + "\n"));
                stream.Flush(flushToDisk: true);
            }

            File.Move(temporary, full, mayReplace);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException
            or NotSupportedException)
        {
            if (e is DirectoryNotFoundException)
            {
                throw new ConfigurationException($"--out {path}: cannot be written: no such directory");
            }

            File.Delete(temporary);
            throw !mayReplace && File.Exists(full)
                ? Exists(path)
                : new ConfigurationException($"--out {path}: cannot be written: {FileFault.Describe(e)}");
        }
    }

    private static ConfigurationException Exists(string path) =>
        new($"--out {path}: exists already; --force replaces it, and with it the identity");
}
