using System.Globalization;
using System.Text;
using Pmq.Core.Runtime;
using Pmq.Verifiers.Networks;

namespace Pmq.Verifiers.Tests.Networks;

public sealed class NetworksFuzzTests
{
    private const int Runs = 10_000;

    private static readonly string[] Pieces =
    [
        "networks:", "- ", "id: ", "{", "}", "[", "]", ",", ":", "\n", "  ", "\t", "\"", "'", "&a ", "*a", "!!int ", "|",
        ">", "%YAML 1.2\n", "---\n", "...\n", "? ", "\\u", "\\x41", "\\ud800", "0x", "null", "~", "#", "\r", "\u2028",
        "\u0085", "\ufeff", "\u0000", "@", "`", "<<: ", "f: 9", "1e999", "-1", "9223372036854775808", "window: ",
    ];

    [Fact]
    public void Any_bytes_give_a_keyring_or_one_line()
    {
        ulong seed = Environment.GetEnvironmentVariable("PMQ_FUZZ_SEED") is { } text
            ? ulong.Parse(text, CultureInfo.InvariantCulture)
            : 1;
        var chance = new SeededChance(seed);
        byte[][] corpus =
        [
            NetworksReaderTests.Bytes(NetworksReaderTests.Good),
            "{\"networks\": [{\"id\": \"a\", \"overlays\": [\"a\"], \"epochs\": [{}]}]}"u8.ToArray(),
        ];
        int read = 0;
        for (int run = 0; run < Runs; run++)
        {
            byte[] input = Input(chance, corpus);
            try
            {
                NetworksReader.Read("f", input);
                read++;
            }
            catch (NetworksFileException e)
            {
                Assert.Matches("\\Af:[1-9][0-9]*: [^\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}]{1,900}\\z", e.Message);
            }
            catch (Exception e)
            {
                Assert.Fail($"Seed {seed}, run {run}, input {Convert.ToHexStringLower(input)}: {e}");
            }
        }

        Assert.InRange(read, 1, Runs - 1);
    }

    private static byte[] Input(SeededChance chance, byte[][] corpus)
    {
        if (chance.NextInt32(4) == 0)
        {
            byte[] arbitrary = new byte[chance.NextInt32(64)];
            foreach (ref byte b in arbitrary.AsSpan())
            {
                b = (byte)chance.NextInt32(256);
            }

            return arbitrary;
        }

        List<byte> input = chance.NextInt32(4) == 0 ? [] : [.. corpus[chance.NextInt32(corpus.Length)]];
        for (int i = chance.NextInt32(6); i >= 0; i--)
        {
            int at = chance.NextInt32(input.Count + 1);
            int length = Math.Min(chance.NextInt32(40), input.Count - at);
            switch (chance.NextInt32(5))
            {
                case 0:
                    input.RemoveRange(at, length);
                    break;
                case 1:
                    input.InsertRange(at, input.GetRange(at, length));
                    break;
                case 2 when at < input.Count:
                    input[at] = (byte)chance.NextInt32(256);
                    break;
                default:
                    input.InsertRange(at, Encoding.UTF8.GetBytes(Pieces[chance.NextInt32(Pieces.Length)]));
                    break;
            }
        }

        return [.. input];
    }
}
