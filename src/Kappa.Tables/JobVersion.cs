using System.Globalization;
using Kappa.Log;

namespace Kappa.Tables;

/// <summary>A version of a job (rule V1): numbers rise and are never used twice. Written <c>orders@2</c>.</summary>
/// <param name="Job">The job's name.</param>
/// <param name="Number">1 or higher.</param>
public sealed record JobVersion(string Job, int Number)
{
    /// <inheritdoc/>
    public override string ToString() => Job + "@" + Number.ToString(CultureInfo.InvariantCulture);

    /// <summary>Reads <c>name@number</c>.</summary>
    /// <exception cref="KappaException">The text has another form.</exception>
    public static JobVersion Parse(string text)
    {
        var at = text.LastIndexOf('@');
        if (at > 0 && Names.IsValid(text[..at])
            && int.TryParse(text.AsSpan(at + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                && number > 0)
        {
            return new JobVersion(text[..at], number);
        }

        throw new KappaException(
            ErrorKind.Invalid, $"'{text}' names no version.",
            "Write a version as name@number, for example 'orders@2'.");
    }
}
