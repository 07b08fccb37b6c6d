using System.Globalization;
using System.Text.Json;
using Kappa.Log;
using Kappa.Server.Backups;

namespace Kappa.Server;

/// <summary>
/// The folder that holds everything of one platform: <c>kappa.json</c> with the number of its format, <c>log/</c>,
/// <c>tables/</c>, <c>state/</c>, <c>artifacts/</c>, <c>subscriptions/</c>, <c>mirrors/</c>, <c>projections/</c>,
/// <c>fetched/</c>, <c>keys.json</c>, <c>admin.key</c>, and <c>server.json</c> while a server runs on it. One process
/// holds it at a time.
/// </summary>
public sealed class DataFolder : IDisposable
{
    /// <summary>
    /// The number of the layout written by this program. A folder of format 1, whose log has no settings of topics, is
    /// raised when it is opened, so that an older program refuses it from then on.
    /// </summary>
    public const int Format = 2;

    /// <summary>
    /// The number of a folder with mirrors of the log it was restored from: a program that does not know these would
    /// take their archives for its own.
    /// </summary>
    internal const int InheritingFormat = 3;

    private readonly IDisposable _lock;

    private DataFolder(string root, IFileSystem files, IDisposable held)
    {
        Root = root;
        Files = files;
        _lock = held;
    }

    /// <summary>The folder.</summary>
    public string Root { get; }

    /// <summary>The disk it is on.</summary>
    public IFileSystem Files { get; }

    /// <summary>Where the log is.</summary>
    public string Log => Path.Combine(Root, "log");

    /// <summary>Where the tables are.</summary>
    public string Tables => Path.Combine(Root, "tables");

    /// <summary>Where jobs keep their state.</summary>
    public string State => Path.Combine(Root, "state");

    /// <summary>Where typed twins of the log's segments are, a cache; made when the first is written.</summary>
    public string Projections => Path.Combine(Root, "projections");

    /// <summary>Where artifacts are.</summary>
    public string Artifacts => Path.Combine(Root, "artifacts");

    /// <summary>Where push subscriptions and their positions are.</summary>
    public string Subscriptions => Path.Combine(Root, "subscriptions");

    /// <summary>Which topics are mirrored, and where to.</summary>
    public string Mirrors => Path.Combine(Root, "mirrors");

    /// <summary>Segments fetched from archives, a cache; made when the first is fetched.</summary>
    public string Fetched => Path.Combine(Root, "fetched");

    /// <summary>The hashes of access keys.</summary>
    public string Keys => Path.Combine(Root, "keys.json");

    /// <summary>The admin key, for programs of the same user on this machine.</summary>
    public string AdminKey => Path.Combine(Root, "admin.key");

    /// <summary>The address of the server that runs on this folder.</summary>
    public string Server => Path.Combine(Root, "server.json");

    /// <summary>Opens the folder, or makes it, and holds it until disposed.</summary>
    /// <param name="root">The folder. An existing one must be empty or a data folder of this format.</param>
    /// <param name="files">The disk.</param>
    /// <exception cref="KappaException">Another format, another use, or held by another process.</exception>
    public static DataFolder Open(string root, IFileSystem files)
    {
        ArgumentNullException.ThrowIfNull(files);
        root = Path.GetFullPath(root);
        Refuse(root, files);
        files.CreateFolder(root);
        var held = Hold(root, files);
        try
        {
            // Checked again under the lock: another process may have made it in between.
            var format = Refuse(root, files);
            var folder = new DataFolder(root, files, held);
            if (format is null or < Format)
            {
                Mark(files, root);
            }

            foreach (var part in new[] { folder.Log, folder.Tables, folder.State, folder.Artifacts,
                folder.Subscriptions, folder.Mirrors })
            {
                files.CreateFolder(part);
            }

            files.SyncFolder(root);
            files.Delete(folder.Server);
            files.Delete(Path.Combine(root, Restore.Unfinished));
            return folder;
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    /// <summary>Does a process hold this folder?</summary>
    public static bool IsHeld(string root)
    {
        var path = Path.Combine(root, "lock");
        if (!File.Exists(path))
        {
            return false;
        }

        try
        {
            DiskFileSystem.ForThisPlatform().Lock(root).Dispose();
            return false;
        }
        catch (KappaException held) when (held.Kind == ErrorKind.Conflict)
        {
            return true;
        }
    }

    /// <summary>Makes a folder a data folder: durably, and the last step of whoever fills one.</summary>
    internal static void Mark(IFileSystem files, string root, int format = Format) =>
        AtomicFile.Write(files, Path.Combine(root, "kappa.json"), Marker(format));

    /// <summary>Says where the server listens, for the CLI on this machine.</summary>
    public void Announce(Uri address) => AtomicFile.Write(
        Files, Server, JsonSerializer.SerializeToUtf8Bytes(new { address = address.ToString() }));

    /// <summary>Takes the address back.</summary>
    public void Retract() => Files.Delete(Server);

    /// <inheritdoc/>
    public void Dispose() => _lock.Dispose();

    /// <summary>The folder's format; null where it has none yet.</summary>
    private static int? Refuse(string root, IFileSystem files)
    {
        var content = AtomicFile.Read(files, Path.Combine(root, "kappa.json"));
        if (content is null)
        {
            if (files.Exists(Path.Combine(root, Restore.Unfinished))
                || files.Exists(Path.Combine(root, Restore.Unfinished + ".new")))
            {
                throw new KappaException(
                    ErrorKind.Invalid, $"A restore into '{root}' was not finished.",
                    "Run the same 'kappa restore' again; it begins anew.");
            }

            var other = files.List(root).FirstOrDefault(name => name is not ("lock" or "kappa.json.new"));
            if (other is not null)
            {
                throw new KappaException(
                    ErrorKind.Invalid,
                    $"The folder '{root}' is no data folder: it holds '{other}', but no kappa.json.",
                    "Name an empty folder or a new one with --data.");
            }

            return null;
        }

        var format = ReadFormat(content);
        if (format is null or < 1 or > InheritingFormat)
        {
            throw new KappaException(
                ErrorKind.Conflict,
                $"The data folder '{root}' has format {format?.ToString(CultureInfo.InvariantCulture) ?? "unknown"}; "
                + $"this program reads formats 1 to {InheritingFormat}. Nothing was written.",
                format > InheritingFormat
                    ? "Run the newer Kappa that wrote it."
                    : "Run the Kappa that wrote it, or name another folder with --data.");
        }

        return format;
    }

    private static IDisposable Hold(string root, IFileSystem files)
    {
        try
        {
            return files.Lock(root);
        }
        catch (KappaException held) when (held.Kind is ErrorKind.Conflict or ErrorKind.Unavailable)
        {
            throw new KappaException(
                ErrorKind.Conflict,
                $"The data folder '{root}' is held by another process.",
                "Stop the other 'kappa serve' or host, talk to it by HTTP, or name another folder with --data.",
                held);
        }
    }

    private static int? ReadFormat(byte[] content)
    {
        try
        {
            using var marker = JsonDocument.Parse(content);
            return marker.RootElement.GetProperty("format").GetInt32();
        }
        catch (Exception broken) when (broken is JsonException or KeyNotFoundException or InvalidOperationException
            or FormatException)
        {
            // A marker that cannot be read is a format this program does not know.
            return null;
        }
    }

    private static byte[] Marker(int format) => JsonSerializer.SerializeToUtf8Bytes(new
    {
        format,
        madeBy = "Kappa " + typeof(DataFolder).Assembly.GetName().Version!.ToString(3),
    });
}
