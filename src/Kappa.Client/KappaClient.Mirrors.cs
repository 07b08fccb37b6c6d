namespace Kappa.Client;

/// <content>Mirrors of topics.</content>
public sealed partial class KappaClient
{
    /// <summary>Every mirror, and how far it is.</summary>
    public Task<IReadOnlyList<MirrorView>> MirrorsAsync(CancellationToken cancel = default) =>
        GetAsync<IReadOnlyList<MirrorView>>("/v1/mirrors", cancel);

    /// <summary>Makes a mirror, or starts or stops one (rule L9). The same again changes nothing.</summary>
    public Task<MirrorView> MirrorAsync(MirrorRequest request, CancellationToken cancel = default) =>
        PostAsync<MirrorView>("/v1/mirrors", request, cancel);

    /// <summary>Forgets a mirror; its archive stays as it is.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="loseHistory">
    /// Also where the archive has what the log has no more, and no other archive has: that is out of reach then.
    /// </param>
    /// <param name="cancel">Gives up.</param>
    public Task<MirrorView> DeleteMirrorAsync(
        string name, bool loseHistory = false, CancellationToken cancel = default) => SendAsync<MirrorView>(
            HttpMethod.Delete, "/v1/mirrors/" + Escape(name) + (loseHistory ? "?lose-history=true" : ""), null, cancel);
}
