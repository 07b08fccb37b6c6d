using System.Globalization;
using Kappa.Log;

namespace Kappa.Tables;

/// <summary>
/// A writer of a version's tables was refused because one of a higher epoch exists (rule C4): whoever was refused stops
/// for good, for its successor goes on from what it had committed.
/// </summary>
public sealed class FencedException : KappaException
{
    /// <summary>Makes the error.</summary>
    /// <param name="version">The version.</param>
    /// <param name="epoch">The epoch of the writer that was refused.</param>
    /// <param name="higher">The one that is stored.</param>
    public FencedException(JobVersion version, long epoch, long higher)
        : base(
            ErrorKind.Conflict,
            string.Create(
                CultureInfo.InvariantCulture,
                $"A writer of epoch {higher} has taken over the tables of {version} from this one of epoch {epoch}."),
            "Stop this program: another one runs the version now.")
    {
    }
}
