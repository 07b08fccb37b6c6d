using Xunit;

namespace ConnectedCar.Tests;

/// <summary>
/// A test on carOBD's <see cref="Recordings"/>, which is skipped where they are not.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class RecordedFactAttribute : FactAttribute
{
    public RecordedFactAttribute()
    {
        if (Folder is null)
        {
            Skip = "carOBD's recordings are not here: KAPPA_RECORDINGS names no folder that holds obd-carobd.";
        }
    }

    public static string? Folder { get; } = Recordings.Find("obd-carobd");
}
