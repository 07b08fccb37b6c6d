using System.Globalization;
using System.Net.Http.Headers;
using System.Security.Cryptography;

namespace Kappa.Client;

/// <content>Artifacts, jobs, the loop, tables.</content>
public sealed partial class KappaClient
{
    /// <summary>Stores a zip of a published program as an artifact.</summary>
    public Task<ArtifactView> UploadAsync(ReadOnlyMemory<byte> zip, CancellationToken cancel = default) =>
        SendAsync<ArtifactView>(
            () =>
            {
                var content = new ReadOnlyMemoryContent(zip);
                content.Headers.ContentType = new MediaTypeHeaderValue("application/zip");
                return new HttpRequestMessage(HttpMethod.Post, "/v1/artifacts") { Content = content };
            },
            3,
            cancel);

    /// <summary>Deploys jobs of an artifact (rule V1).</summary>
    public Task<DeployAnswer> DeployAsync(DeployRequest request, CancellationToken cancel = default) =>
        PostAsync<DeployAnswer>("/v1/deploy", request, cancel);

    /// <summary>Every job.</summary>
    public Task<IReadOnlyList<JobView>> JobsAsync(CancellationToken cancel = default) =>
        GetAsync<IReadOnlyList<JobView>>("/v1/jobs", cancel);

    /// <summary>One job.</summary>
    public Task<JobView> JobAsync(string job, CancellationToken cancel = default) =>
        GetAsync<JobView>("/v1/jobs/" + Escape(job), cancel);

    /// <summary>Makes the next version from the live version's artifact (rule V1).</summary>
    public Task<LoopAnswer> ReprocessAsync(string job, CancellationToken cancel = default) =>
        ReprocessAsync(job, [], cancel);

    /// <summary>As <see cref="ReprocessAsync(string, CancellationToken)"/>.</summary>
    /// <param name="job">The job.</param>
    /// <param name="reads">
    /// Versions, as <c>job@number</c>, whose outputs it shall read; of other jobs it reads the live ones (rule E2).
    /// </param>
    /// <param name="cancel">Gives up waiting.</param>
    public Task<LoopAnswer> ReprocessAsync(
        string job, IEnumerable<string> reads, CancellationToken cancel = default) =>
        ReprocessAsync(job, reads, publishHistory: false, cancel);

    /// <summary>As <see cref="ReprocessAsync(string, IEnumerable{string}, CancellationToken)"/>.</summary>
    /// <param name="job">The job.</param>
    /// <param name="reads">Versions whose outputs it shall read.</param>
    /// <param name="publishHistory">
    /// When it goes live: let the world hear from the first record on the outputs that no version said to it before
    /// (rule E3).
    /// </param>
    /// <param name="cancel">Gives up waiting.</param>
    public Task<LoopAnswer> ReprocessAsync(
        string job, IEnumerable<string> reads, bool publishHistory, CancellationToken cancel = default)
    {
        var query = reads.Select(one => "reads=" + Escape(one)).Concat(publishHistory ? ["publish-history=true"] : []);
        return PostAsync<LoopAnswer>(
            ($"/v1/jobs/{Escape(job)}/reprocess?" + string.Join('&', query)).TrimEnd('?'), null, cancel);
    }

    /// <summary>Compares two versions at one place.</summary>
    public Task<DiffAnswer> DiffAsync(DiffRequest request, CancellationToken cancel = default) =>
        PostAsync<DiffAnswer>("/v1/diff", request, cancel);

    /// <summary>Shows readers other versions, all at once (rule V6).</summary>
    public Task<LoopAnswer> SwitchAsync(SwitchRequest request, CancellationToken cancel = default) =>
        PostAsync<LoopAnswer>("/v1/switch", request, cancel);

    /// <summary>Switches back to the version that was live before.</summary>
    /// <param name="job">The job.</param>
    /// <param name="leave">
    /// The version to leave, as <c>job@number</c>: where it is live no longer, nothing happens, so the call may be
    /// repeated. Null: whichever is live.
    /// </param>
    /// <param name="cancel">Gives up waiting.</param>
    public Task<LoopAnswer> RollbackAsync(string job, string? leave = null, CancellationToken cancel = default) =>
        PostAsync<LoopAnswer>(
            $"/v1/jobs/{Escape(job)}/rollback" + (leave is null ? "" : "?leave=" + Escape(leave)), null, cancel);

    /// <summary>Deletes a version's tables and derived topics for ever (rule V8).</summary>
    public Task<LoopAnswer> DropAsync(string version, CancellationToken cancel = default) =>
        DropAsync(version, discard: false, cancel);

    /// <summary>As <see cref="DropAsync(string, CancellationToken)"/>.</summary>
    /// <param name="version">As <c>job@number</c>.</param>
    /// <param name="discard">Do not wait for the relay of what it said while it was live.</param>
    /// <param name="cancel">Gives up waiting.</param>
    public Task<LoopAnswer> DropAsync(string version, bool discard, CancellationToken cancel = default) =>
        PostAsync<LoopAnswer>("/v1/drop", new VersionRequest(version, discard), cancel);

    /// <summary>Every table of every version that is kept.</summary>
    public Task<IReadOnlyList<TableView>> TablesAsync(CancellationToken cancel = default) =>
        GetAsync<IReadOnlyList<TableView>>("/v1/tables", cancel);

    /// <summary>One table, of the live version or of the one named.</summary>
    public Task<TableView> TableAsync(string table, CancellationToken cancel = default) =>
        GetAsync<TableView>("/v1/tables/" + Escape(table), cancel);

    /// <summary>Rows of a table, filtered by equal columns.</summary>
    /// <param name="table">The table, or <c>table@version</c>.</param>
    /// <param name="where">Columns and the values they must have, as text.</param>
    /// <param name="limit">How many rows at most, 1 to 100 000.</param>
    /// <param name="cancel">Gives up waiting.</param>
    public Task<RowsAnswer> RowsAsync(
        string table, IEnumerable<KeyValuePair<string, string>>? where = null, int limit = 1000,
        CancellationToken cancel = default)
    {
        var query = new List<string> { "limit=" + limit.ToString(CultureInfo.InvariantCulture) };
        foreach (var (column, value) in where ?? [])
        {
            AddTo(query, Escape(column), value);
        }

        return GetAsync<RowsAnswer>($"/v1/tables/{Escape(table)}/rows?" + string.Join('&', query), cancel);
    }

    /// <summary>Asks in SQL.</summary>
    public Task<RowsAnswer> QueryAsync(QueryRequest request, CancellationToken cancel = default) =>
        PostAsync<RowsAnswer>("/v1/query", request, cancel);

    /// <summary>
    /// Copies the canonical export of a table, checks it, and returns its SHA-256 in hexadecimal digits.
    /// </summary>
    public async Task<string> ExportAsync(string table, Stream into, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(into);
        var path = $"/v1/tables/{Escape(table)}/export";
        using var response = await SendAsync(() => new HttpRequestMessage(HttpMethod.Get, path), 3, cancel);
        var told = response.Headers.TryGetValues(Wire.ChecksumHeader, out var values) ? values.First() : null;
        await using var body = await response.Content.ReadAsStreamAsync(cancel);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[64 << 10];
        int read;
        while ((read = await body.ReadAsync(buffer, cancel)) > 0)
        {
            hash.AppendData(buffer, 0, read);
            await into.WriteAsync(buffer.AsMemory(0, read), cancel);
        }

        var checksum = Convert.ToHexStringLower(hash.GetHashAndReset());
        return checksum == told ? checksum : throw new RequestFailedException(
            0, $"The export that came has the checksum {checksum}; the server said {told ?? "none"}.",
            "Export it again.");
    }
}
