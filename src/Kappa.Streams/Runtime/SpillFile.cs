using System.Buffers;
using System.Buffers.Binary;
using Kappa.Log;

namespace Kappa.Streams.Runtime;

/// <summary>
/// States of cold keys of one stage in one worker, one record behind the other: a scratch file, gone with the run that
/// made it. It is never synced: nothing is lost with it. Where more than half of it is dead it is written anew.
/// </summary>
internal sealed class SpillFile(SpillSpace space, string name) : IDisposable
{
    /// <summary>Table, tag of the key, length of the entry, CRC-32C of the entry: four bytes each.</summary>
    public const int HeadBytes = 16;

    private const int BufferMax = 1 << 20;
    private const int NextReadBytes = 256 << 10;
    private const int OneReadBytes = 4 << 10;

    private readonly ArrayBufferWriter<byte> _unwritten = new(64 << 10);
    private readonly Dictionary<int, ColdIndex> _indexes = [];
    private IFile? _file;
    private string _path = "";
    private int _generation;
    private long _written;
    private byte[] _window = [];
    private long _windowAt;
    private int _windowLength;

    /// <summary>Bytes of records that an index points to.</summary>
    public long LiveBytes { get; private set; }

    /// <summary>Bytes of the file.</summary>
    public long Length => _written + _unwritten.WrittenCount;

    /// <summary>Adds a record; it can be read after <see cref="Flush"/>.</summary>
    public void Append(int table, ColdIndex index, uint tag, ReadOnlySpan<byte> entry)
    {
        _indexes[table] = index;
        index.Add(tag, Length, HeadBytes + entry.Length);
        LiveBytes += HeadBytes + entry.Length;
        Put(table, tag, entry);
        if (_unwritten.WrittenCount >= BufferMax)
        {
            Flush();
        }
    }

    /// <summary>Writes what was added.</summary>
    public void Flush()
    {
        if (_unwritten.WrittenCount > 0)
        {
            _file ??= Open();
            _file.Write(_unwritten.WrittenSpan, _written);
            _written += _unwritten.WrittenCount;
            _unwritten.ResetWrittenCount();
        }
    }

    /// <summary>The entry at a place; valid until the next call.</summary>
    /// <param name="place">Where an index says it is.</param>
    /// <param name="isNext">Will the next places be asked for as well?</param>
    /// <exception cref="SpillException">It could not be read.</exception>
    public ReadOnlyMemory<byte> Read(long place, bool isNext)
    {
        var head = Bytes(place, HeadBytes, isNext);
        var length = head.IsEmpty ? -1 : LengthOf(head.Span);
        var record = length >= HeadBytes && length <= _written - place ? Bytes(place, length, isNext) : default;
        return !record.IsEmpty
            && Crc32C.Of(record.Span[HeadBytes..]) == BinaryPrimitives.ReadUInt32LittleEndian(record.Span[12..])
            ? record[HeadBytes..]
            : throw new SpillException(
                $"State read back from '{_path}' at {place} is not what was written there.",
                "It is computed again from the log; check the disk.");
    }

    /// <summary>A record is no longer pointed to.</summary>
    public void Kill(long bytes) => LiveBytes -= bytes;

    /// <summary>A table has no records any more.</summary>
    public void Forget(int table) => _indexes.Remove(table);

    /// <summary>Writes the file anew where more than half of it is dead.</summary>
    public void Compact()
    {
        if (_written == 0 || (LiveBytes > 0 && (_written < space.CompactAt || LiveBytes > _written / 2)))
        {
            return;
        }

        var (old, oldPath, end) = (_file!, _path, _written);
        if (LiveBytes == 0)
        {
            old.Truncate(0);
            _written = _windowLength = 0;
            return;
        }

        _written = 0;
        _file = Open();
        Move(old, end);
        foreach (var index in _indexes.Values)
        {
            index.EndMove();
        }

        old.Dispose();
        space.Files.Delete(oldPath);
    }

    /// <summary>Closes and deletes the file.</summary>
    public void Dispose()
    {
        if (_file is not null)
        {
            _file.Dispose();
            space.Files.Delete(_path);
        }
    }

    private void Move(IFile old, long end)
    {
        // The buffer of reads serves, and stays: one of this size for each time would be a large object.
        if (_window.Length < NextReadBytes)
        {
            _window = new byte[NextReadBytes];
        }

        var (chunk, read, used) = (_window, 0, 0);
        for (var at = 0L; at < end;)
        {
            if (read - used < HeadBytes || read - used < LengthOf(chunk.AsSpan(used)))
            {
                var needed = read - used < HeadBytes ? HeadBytes : LengthOf(chunk.AsSpan(used));
                var larger = needed > chunk.Length ? new byte[needed] : chunk;
                chunk.AsSpan(used, read - used).CopyTo(larger);
                (_window, chunk, read, used) = (larger, larger, read - used, 0);
                read += old.Read(chunk.AsSpan(read), at + read);
                continue;
            }

            var record = chunk.AsSpan(used, LengthOf(chunk.AsSpan(used)));
            var table = BinaryPrimitives.ReadInt32LittleEndian(record);
            var tag = BinaryPrimitives.ReadUInt32LittleEndian(record[4..]);
            if (_indexes.TryGetValue(table, out var index) && index.TryMove(tag, at, Length))
            {
                _unwritten.Write(record);
                if (_unwritten.WrittenCount >= BufferMax)
                {
                    Flush();
                }
            }

            at += record.Length;
            used += record.Length;
        }

        Flush();
    }

    private static int LengthOf(ReadOnlySpan<byte> head) =>
        HeadBytes + BinaryPrimitives.ReadInt32LittleEndian(head[8..]);

    private void Put(int table, uint tag, ReadOnlySpan<byte> entry)
    {
        var head = _unwritten.GetSpan(HeadBytes);
        BinaryPrimitives.WriteInt32LittleEndian(head, table);
        BinaryPrimitives.WriteUInt32LittleEndian(head[4..], tag);
        BinaryPrimitives.WriteInt32LittleEndian(head[8..], entry.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(head[12..], Crc32C.Of(entry));
        _unwritten.Advance(HeadBytes);
        _unwritten.Write(entry);
    }

    private ReadOnlyMemory<byte> Bytes(long place, int length, bool isNext)
    {
        if (place < _windowAt || place + length > _windowAt + _windowLength)
        {
            var size = Math.Max(length, isNext ? NextReadBytes : OneReadBytes);
            if (_window.Length < size)
            {
                _window = new byte[size];
            }

            _windowLength = 0;
            try
            {
                _windowLength = _file!.Read(_window.AsSpan(0, (int)Math.Min(size, _written - place)), place);
            }
            catch (KappaException trouble)
            {
                throw new SpillException(trouble.Message, trouble.Next, trouble);
            }

            _windowAt = place;
        }

        return _windowLength >= length ? _window.AsMemory((int)(place - _windowAt), length) : default;
    }

    private IFile Open()
    {
        _path = Path.Combine(space.Folder, $"{name}-{_generation++}{SpillSpace.Ending}");
        _windowLength = 0;
        space.Files.CreateFolder(space.Folder);
        space.Files.Delete(_path);
        return space.Files.Open(_path, FileIntent.Create);
    }
}

/// <summary>State could not be read back: no error of the user's code, though its fold was about to run.</summary>
internal sealed class SpillException(string message, string next, Exception? inner = null)
    : KappaException(ErrorKind.Unavailable, message, next, inner);
