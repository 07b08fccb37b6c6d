using System.Net;
using Amazon;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;
using Kappa.Log;

namespace Kappa.Connect.S3;

/// <summary>
/// An archive in a bucket of S3, or of a store that speaks its protocol. Who asks is found the way Amazon's tools find
/// it: <c>AWS_ACCESS_KEY_ID</c> and <c>AWS_SECRET_ACCESS_KEY</c>, a profile, or the machine's role.
/// </summary>
public sealed class S3Archive : IArchiveStore
{
    private const int ListedMax = 100_000;
    private readonly AmazonS3Client _client;
    private readonly string _bucket;
    private readonly string _prefix;

    /// <summary>An archive at an address.</summary>
    /// <param name="address">
    /// <c>s3://bucket/folder</c>; <c>?region=eu-central-1</c>, or <c>?endpoint=http://127.0.0.1:9000</c> for a store
    /// that is not Amazon's.
    /// </param>
    /// <param name="credentials">Who asks; null: found as said above.</param>
    /// <exception cref="KappaException">The address names no bucket, or an option there is not.</exception>
    public S3Archive(Uri address, AWSCredentials? credentials = null)
    {
        ArgumentNullException.ThrowIfNull(address);
        Name = address.ToString();
        _bucket = address.Host.Length > 0 ? address.Host : throw Wrong("it names no bucket");
        var folder = Uri.UnescapeDataString(address.AbsolutePath).Trim('/');
        _prefix = folder.Length == 0 ? "" : folder + "/";
        var config = new AmazonS3Config
        {
            // Kappa tries again by itself, and reads back what it wrote.
            MaxErrorRetry = 0,
            RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
            ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED,
        };
        foreach (var option in address.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var at = option.IndexOf('=', StringComparison.Ordinal);
            var value = Uri.UnescapeDataString(option[(at + 1)..]);
            switch (at < 0 ? option : option[..at])
            {
                case "region":
                    config.RegionEndpoint = RegionEndpoint.GetBySystemName(value);
                    break;
                case "endpoint" when Uri.TryCreate(value, UriKind.Absolute, out var endpoint)
                    && endpoint.Scheme is "http" or "https":
                    config.ServiceURL = value;
                    config.ForcePathStyle = true;
                    break;
                default:
                    throw Wrong($"'{option}' is no option: there are region and endpoint");
            }
        }

        _client = credentials is null ? new AmazonS3Client(config) : new AmazonS3Client(credentials, config);
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public ValueTask<Stream?> ReadAsync(string name, CancellationToken cancel) => DoAsync<Stream?>(
        name,
        async () =>
        {
            try
            {
                var answer = await _client.GetObjectAsync(_bucket, _prefix + name, cancel);
                return answer.ResponseStream;
            }
            catch (AmazonS3Exception none) when (none.StatusCode == HttpStatusCode.NotFound
                && none.ErrorCode != "NoSuchBucket")
            {
                return null;
            }
        });

    /// <inheritdoc/>
    public async ValueTask WriteAsync(string name, Stream content, CancellationToken cancel) =>
        await PutAsync(name, content, isNew: false, cancel);

    /// <inheritdoc/>
    public ValueTask<bool> CreateAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancel) =>
        PutAsync(name, new MemoryStream(content.ToArray(), writable: false), isNew: true, cancel);

    /// <inheritdoc/>
    public async ValueTask DeleteAsync(string name, CancellationToken cancel) => await DoAsync(
        name,
        async () =>
        {
            try
            {
                await _client.DeleteObjectAsync(_bucket, _prefix + name, cancel);
            }
            catch (AmazonS3Exception none) when (none.ErrorCode == "NoSuchKey")
            {
                // Amazon's answers that it is deleted; others say that there is none.
            }

            return true;
        });

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<string>> ListAsync(string folder, CancellationToken cancel) =>
        DoAsync<IReadOnlyList<string>>(
            folder,
            async () =>
            {
                var under = folder.Length == 0 ? _prefix : _prefix + folder + "/";
                var request = new ListObjectsV2Request { BucketName = _bucket, Prefix = under, Delimiter = "/" };
                var names = new List<string>();
                ListObjectsV2Response answer;
                do
                {
                    answer = await _client.ListObjectsV2Async(request, cancel);
                    names.AddRange((answer.CommonPrefixes ?? []).Select(one => one[under.Length..].TrimEnd('/')));
                    names.AddRange((answer.S3Objects ?? []).Select(one => one.Key[under.Length..]));
                    request.ContinuationToken = answer.NextContinuationToken;
                }
                while (answer.IsTruncated == true && names.Count < ListedMax);
                return names;
            });

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        return ValueTask.CompletedTask;
    }

    private ValueTask<bool> PutAsync(string name, Stream content, bool isNew, CancellationToken cancel) => DoAsync(
        name,
        async () =>
        {
            var request = new PutObjectRequest
            {
                BucketName = _bucket,
                Key = _prefix + name,
                InputStream = content,
                AutoCloseStream = false,

                // Whole and signed as a whole: stores that do not know the chunked form keep its frames as content.
                UseChunkEncoding = false,
                IfNoneMatch = isNew ? "*" : null,
            };
            try
            {
                await _client.PutObjectAsync(request, cancel);
                return true;
            }
            catch (AmazonS3Exception there) when (isNew
                && there.StatusCode is HttpStatusCode.PreconditionFailed or HttpStatusCode.Conflict)
            {
                return false;
            }
        });

    // Who may not is told at once; everything else may be another time.
    private async ValueTask<T> DoAsync<T>(string name, Func<Task<T>> act)
    {
        try
        {
            return await act();
        }
        catch (AmazonS3Exception refused) when (refused.StatusCode is HttpStatusCode.Forbidden
            or HttpStatusCode.Unauthorized || refused.ErrorCode == "NoSuchBucket")
        {
            throw new KappaException(
                refused.ErrorCode == "NoSuchBucket" ? ErrorKind.NotFound : ErrorKind.Forbidden,
                $"'{name}' of the archive '{Name}' is refused: {refused.ErrorCode}, {refused.Message}",
                "Check the bucket, and that AWS_ACCESS_KEY_ID or the profile may read and write it.", refused);
        }
        catch (Exception trouble) when (trouble is AmazonServiceException or AmazonClientException
            or HttpRequestException)
        {
            throw new KappaException(
                ErrorKind.Unavailable, $"The archive '{Name}' did not serve '{name}': {trouble.Message}",
                "Look after the store.", trouble);
        }
    }

    private KappaException Wrong(string what) => new(
        ErrorKind.Invalid, $"'{Name}' is no address of a bucket: {what}.",
        "Write s3://bucket/folder, with ?region=eu-central-1 or ?endpoint=http://host:port behind it.");
}
