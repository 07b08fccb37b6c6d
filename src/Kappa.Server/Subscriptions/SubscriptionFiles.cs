using System.Text.Json;
using Kappa.Log;

namespace Kappa.Server.Subscriptions;

/// <summary>
/// Subscriptions in the data folder (docs/formats/subscriptions.md): <c>name.json</c> says what an operator asked for,
/// <c>name.position</c> how far it is. Headers may be secrets: the files are their owner's alone.
/// </summary>
internal sealed class SubscriptionFiles(DataFolder folder, LogId log)
{
    private const string Definition = ".json";
    private const string Position = ".position";

    /// <summary>What operators asked for.</summary>
    public IReadOnlyList<Subscription> ReadAll() =>
        [.. folder.Files.List(folder.Subscriptions)
            .Where(name => name.EndsWith(Definition, StringComparison.Ordinal))
            .Select(name => Read(name[..^Definition.Length]))];

    public void Write(Subscription subscription) => AtomicFile.Write(
        folder.Files, PathOf(subscription.Name, Definition),
        JsonSerializer.SerializeToUtf8Bytes(subscription, JsonSerializerOptions.Web));

    public PushPosition? ReadPosition(string name)
    {
        var path = PathOf(name, Position);
        return AtomicFile.Read(folder.Files, path) is { } bytes ? PushPosition.Parse(bytes, log, path) : null;
    }

    public void WritePosition(string name, PushPosition position) =>
        AtomicFile.Write(folder.Files, PathOf(name, Position), position.ToBytes(log));

    /// <summary>Deletes both, the definition first: a position without one is found by nobody.</summary>
    public void Delete(string name)
    {
        folder.Files.Delete(PathOf(name, Definition));
        folder.Files.SyncFolder(folder.Subscriptions);
        folder.Files.Delete(PathOf(name, Position));
        folder.Files.SyncFolder(folder.Subscriptions);
    }

    /// <summary>A definition without the values of its headers, which may be secrets: null stands for each.</summary>
    public static byte[] WithoutSecrets(byte[] definition)
    {
        try
        {
            var subscription = JsonSerializer.Deserialize<Subscription>(definition, JsonSerializerOptions.Web)
                ?? throw new JsonException("It is null.");
            return JsonSerializer.SerializeToUtf8Bytes(
                subscription with { Headers = subscription.Headers.ToDictionary(one => one.Key, _ => (string)null!) },
                JsonSerializerOptions.Web);
        }
        catch (JsonException broken)
        {
            throw new KappaException(
                ErrorKind.Corrupt, "The definition of a subscription cannot be read: " + broken.Message,
                "Delete the subscription and make it again.", broken);
        }
    }

    /// <summary>Makes a position in one log the same position in another; one that is none stays as it is.</summary>
    public static void Renew(IFileSystem files, string path, LogId from, LogId to)
    {
        try
        {
            AtomicFile.Write(
                files, path, PushPosition.Parse(AtomicFile.Read(files, path)!, from, path).ToBytes(to));
        }
        catch (KappaException unreadable) when (unreadable.Kind == ErrorKind.Corrupt)
        {
            // It could not be used before either: the subscription says so when it starts.
            return;
        }
    }

    private Subscription Read(string name)
    {
        var path = PathOf(name, Definition);
        try
        {
            var subscription = JsonSerializer.Deserialize<Subscription>(
                AtomicFile.Read(folder.Files, path), JsonSerializerOptions.Web);
            return subscription is not null && subscription.Name == name
                ? subscription
                : throw new JsonException("It names another subscription.");
        }
        catch (JsonException broken)
        {
            throw new KappaException(
                ErrorKind.Corrupt, $"The subscription '{path}' cannot be read: {broken.Message}",
                "Restore the file from a backup, or delete it and make the subscription again.", broken);
        }
    }

    private string PathOf(string name, string ending) => Path.Combine(folder.Subscriptions, name + ending);
}
