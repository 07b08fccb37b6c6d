using System.Collections.Concurrent;

namespace Kappa.Log.Erasures;

/// <summary>The notes of what was erased in a log: a folder, one file for each segment. Read when asked for.</summary>
internal sealed class ErasureNotes
{
    /// <summary>Their folder, in the log's.</summary>
    public const string FolderName = "erased";

    private readonly string _folder;
    private readonly IFileSystem _files;
    private readonly LogId _log;
    private readonly ConcurrentDictionary<SegmentName, ErasureNote?> _notes = [];

    private ErasureNotes(string folder, IFileSystem files, LogId log)
    {
        _folder = folder;
        _files = files;
        _log = log;
    }

    /// <summary>Finds what is there, of topics there are; what a topic that is gone has left goes.</summary>
    public static ErasureNotes Open(string logFolder, IFileSystem files, LogId log, IReadOnlySet<int> topics)
    {
        var notes = new ErasureNotes(Path.Combine(logFolder, FolderName), files, log);
        foreach (var name in files.List(notes._folder))
        {
            if (SegmentName.Parse(name) is { } segment)
            {
                notes._notes[segment] = null;
            }
        }

        notes.Keep(topics);
        return notes;
    }

    /// <summary>What was erased in a segment; null: nothing.</summary>
    /// <exception cref="KappaException">The note is damaged.</exception>
    public ErasureNote? Of(SegmentName segment)
    {
        if (!_notes.TryGetValue(segment, out var note) || note is not null)
        {
            return note;
        }

        var path = Path.Combine(_folder, segment.FileName);
        return _notes[segment] = ErasureNote.Parse(AtomicFile.Read(_files, path) ?? [], segment, _log, path);
    }

    public ErasureNote? Of(Partition partition, int number) =>
        Of(new SegmentName(partition.TopicId, partition.Number, number));

    /// <summary>Keeps a note; returns when it is durable.</summary>
    /// <exception cref="KappaException">The disk did not keep it: the one before stays.</exception>
    public void Put(ErasureNote note)
    {
        if (!_files.Exists(_folder))
        {
            _files.CreateFolder(_folder);
            _files.SyncFolder(Path.GetDirectoryName(_folder)!);
        }

        try
        {
            AtomicFile.Write(_files, Path.Combine(_folder, note.Segment.FileName), note.ToBytes(_log));
            _notes[note.Segment] = note;
        }
        catch (KappaException)
        {
            // Whether it is there now, the file says.
            Reread(note.Segment);
            throw;
        }
    }

    /// <summary>Copies the notes of some segments to the folder of a copy of the log; durably.</summary>
    /// <returns>Their names there.</returns>
    /// <exception cref="KappaException">One is damaged, or the disk did not take it.</exception>
    public IReadOnlyList<string> CopyTo(string logFolder, Predicate<SegmentName> isIn)
    {
        var names = new List<string>();
        foreach (var segment in _notes.Keys.Where(segment => isIn(segment)))
        {
            if (Of(segment) is { } note)
            {
                _files.CreateFolder(Path.Combine(logFolder, FolderName));
                names.Add(FolderName + "/" + segment.FileName);
                AtomicFile.Write(
                    _files, Path.Combine(logFolder, FolderName, segment.FileName), note.ToBytes(_log));
            }
        }

        return names;
    }

    /// <summary>A note of a copied log as one of another log.</summary>
    /// <param name="content">The note.</param>
    /// <param name="path">Its file.</param>
    /// <param name="from">The log it is of.</param>
    /// <param name="to">The other log.</param>
    /// <exception cref="KappaException">It is damaged.</exception>
    public static byte[] Renew(byte[] content, string path, LogId from, LogId to) =>
        SegmentName.Parse(Path.GetFileName(path)) is { } segment
            ? ErasureNote.Parse(content, segment, from, path).ToBytes(to)
            : throw new KappaException(
                ErrorKind.Invalid, $"'{path}' is no note of what was erased.",
                "Restore it with the Kappa that wrote it.");

    /// <summary>Deletes the notes of topics that are gone.</summary>
    public void Keep(IReadOnlySet<int> topics)
    {
        foreach (var segment in _notes.Keys.Where(one => !topics.Contains(one.TopicId)).ToList())
        {
            _notes.TryRemove(segment, out _);
            try
            {
                _files.Delete(Path.Combine(_folder, segment.FileName));
            }
            catch (KappaException)
            {
                // Ids of topics are never used twice: it means nothing, and the next opening tries again.
            }
        }
    }

    private void Reread(SegmentName segment)
    {
        if (_files.Exists(Path.Combine(_folder, segment.FileName)))
        {
            _notes[segment] = null;
        }
        else
        {
            _notes.TryRemove(segment, out _);
        }
    }
}
