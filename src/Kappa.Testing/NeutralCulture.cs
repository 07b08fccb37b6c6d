using System.Globalization;

namespace Kappa.Testing;

/// <summary>
/// Jobs run in the invariant culture (rule V2), whatever that of the test is, which comes back with the disposal.
/// </summary>
internal readonly struct NeutralCulture : IDisposable
{
    private readonly CultureInfo _culture = CultureInfo.CurrentCulture;
    private readonly CultureInfo _texts = CultureInfo.CurrentUICulture;

    public NeutralCulture() =>
        CultureInfo.CurrentCulture = CultureInfo.CurrentUICulture = CultureInfo.InvariantCulture;

    public void Dispose()
    {
        CultureInfo.CurrentCulture = _culture;
        CultureInfo.CurrentUICulture = _texts;
    }
}
