using System.Globalization;
using System.Text;

namespace Pmq.Verifiers.Networks;

/// <summary>Values as they stand in a line about a mistake.</summary>
internal static class KeyText
{
    /// <summary>A number.</summary>
    public static string Of(long value) => value.ToString(CultureInfo.InvariantCulture);

    /// <summary>
    /// What a file holds, cut where it is long and with what would break the line replaced; "" where it is empty.
    /// </summary>
    public static string Shorten(string value, int length = 48)
    {
        if (value.Length == 0)
        {
            return "\"\"";
        }

        var text = new StringBuilder(length + 1);
        foreach (Rune rune in value.EnumerateRunes())
        {
            if (text.Length >= length)
            {
                text.Append('\u2026');
                break;
            }

            text.Append(IsShown(rune) ? rune.ToString() : "\ufffd");
        }

        return text.ToString();
    }

    /// <summary>
    /// Whether it may stand in a line. U+2028 and U+2029 break lines as control characters do, and format characters
    /// can reorder what is read; U+FFFD stands for half of a surrogate pair.
    /// </summary>
    public static bool IsShown(Rune rune) => rune != Rune.ReplacementChar && Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Control
        or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.Format);
}
