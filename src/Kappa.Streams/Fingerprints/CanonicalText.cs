using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Kappa.Streams.Fingerprints;

/// <summary>
/// The text of one reached thing, in two forms at once: with what it refers to by number of first visit, which is what
/// the hash is taken of and what a rename does not touch; and by readable name, so that a thing's own hash does not
/// change when another is reached before it.
/// </summary>
internal sealed class CanonicalText
{
    private readonly StringBuilder _numbered = new();
    private readonly StringBuilder _named = new();

    public string Numbered => _numbered.ToString();

    public string Named => _named.ToString();

    public static string HashOf(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    public CanonicalText Append(string text)
    {
        _numbered.Append(text);
        _named.Append(text);
        return this;
    }

    public CanonicalText Append(long number) => Append(number.ToString(CultureInfo.InvariantCulture));

    public CanonicalText Append(CanonicalText part)
    {
        _numbered.Append(part._numbered);
        _named.Append(part._named);
        return this;
    }

    public CanonicalText Refer(int number, string name)
    {
        _numbered.Append('#').Append(number.ToString(CultureInfo.InvariantCulture));
        _named.Append(name);
        return this;
    }

    /// <summary>
    /// A string in quotes, as ASCII: lone surrogates would all become the same replacement character in UTF-8.
    /// </summary>
    public CanonicalText Quote(string text)
    {
        var quoted = new StringBuilder(text.Length + 2).Append('"');
        foreach (var c in text)
        {
            if (c is < ' ' or > '~' or '"' or '\\')
            {
                quoted.Append("\\u").Append(((int)c).ToString("x4", CultureInfo.InvariantCulture));
            }
            else
            {
                quoted.Append(c);
            }
        }

        return Append(quoted.Append('"').ToString());
    }
}
