using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Kappa.Log;

namespace Kappa.Server;

/// <summary>
/// The keys that open the API. Keys are 256 random bits; only their SHA-256 is stored, so that the file lets nobody in.
/// The first start makes the key "admin" and leaves it in a file that only its owner reads.
/// </summary>
public sealed class AccessKeys
{
    private const string Prefix = "kappa_";
    private readonly IReadOnlyList<StoredKey> _keys;

    private AccessKeys(IReadOnlyList<StoredKey> keys) => _keys = keys;

    /// <summary>Reads the keys of a data folder; makes the admin key where there is none.</summary>
    /// <exception cref="KappaException">The file of keys cannot be read.</exception>
    public static AccessKeys Open(DataFolder folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
        var content = AtomicFile.Read(folder.Files, folder.Keys);
        if (content is null)
        {
            var key = Prefix + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));

            // The plain key first: a crash in between leaves a key file that the next start replaces.
            AtomicFile.Write(folder.Files, folder.AdminKey, Encoding.UTF8.GetBytes(key));
            content = JsonSerializer.SerializeToUtf8Bytes(
                new KeyFile([new StoredKey("admin", Hash(key), "admin")]), JsonSerializerOptions.Web);
            AtomicFile.Write(folder.Files, folder.Keys, content);
        }

        try
        {
            var file = JsonSerializer.Deserialize<KeyFile>(content, JsonSerializerOptions.Web);
            return new AccessKeys(file?.Keys ?? throw new JsonException("It is empty."));
        }
        catch (JsonException broken)
        {
            throw new KappaException(
                ErrorKind.Corrupt, "The file of access keys, keys.json, cannot be read: " + broken.Message,
                "Restore keys.json from a backup, or delete it so that the next start makes a new admin key.", broken);
        }
    }

    /// <summary>The name of the key given, or null where it is no key of this platform.</summary>
    public string? NameOf(string key)
    {
        var given = SHA256.HashData(Encoding.UTF8.GetBytes(key));
        string? name = null;

        // Every stored key is compared, so that time does not tell which came close.
        foreach (var stored in _keys)
        {
            if (CryptographicOperations.FixedTimeEquals(given, Convert.FromHexString(stored.Sha256)))
            {
                name = stored.Name;
            }
        }

        return name;
    }

    private static string Hash(string key) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)));

    private sealed record KeyFile(IReadOnlyList<StoredKey> Keys);

    private sealed record StoredKey(string Name, string Sha256, string Role);
}
