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
