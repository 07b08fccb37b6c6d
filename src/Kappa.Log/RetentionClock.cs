using System.Buffers.Binary;

namespace Kappa.Log;

/// <summary>
/// The time by which retention judges ages (rule L9): the earlier of log time and wall clock, but a leap of more than
/// an hour beyond the time that really passed is believed only when the log has been open for a day in all since. So a
/// clock that is set far ahead, and found within a day, removes nothing. Thread-safe.
/// </summary>
internal sealed class RetentionClock
{
    /// <summary>Where it is kept (docs/formats/manifest.md). Without it waiting begins again.</summary>
    public const string FileName = "ages";

    private const long LeapTicksMax = TimeSpan.TicksPerHour;
    private const long PatienceTicks = TimeSpan.TicksPerDay;
    private const long NoteEveryTicks = 10 * TimeSpan.TicksPerMinute;
    private const int Bytes = 28;
    private readonly Lock _lock = new();
    private readonly IFileSystem _files;
    private readonly TimeProvider _time;
    private readonly string _path;
    private long _believed;
    private long _waited;
    private long? _waitsFor;
    private bool _isReopened;
    private long _lookedAt;
    private long _noted;

    /// <param name="options">The log's.</param>
    /// <param name="lastStamp">The last stamp of the log as it was opened; 0 for a new one.</param>
    public RetentionClock(LogOptions options, long lastStamp)
    {
        (_files, _time, _path) = (options.Files, options.Time, Path.Combine(options.Folder, FileName));
        _believed = lastStamp > 0 ? lastStamp : _time.GetUtcNow().UtcTicks;
        _lookedAt = _time.GetTimestamp();
        if (AtomicFile.Read(_files, _path) is { Length: Bytes } bytes && bytes.AsSpan(0, 8).SequenceEqual(Magic)
            && BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(Bytes - 4))
                == Crc32C.Of(bytes.AsSpan(0, Bytes - 4)))
        {
            _believed = BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(8));
            _waited = BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(16));
            _isReopened = _waited > 0;
        }
    }

    private static ReadOnlySpan<byte> Magic => "KAPPAAGE"u8;

    /// <summary>The time that is believed now, in ticks.</summary>
    /// <param name="logTime">Log time.</param>
    public long Now(long logTime)
    {
        lock (_lock)
        {
            var passed = _time.GetElapsedTime(_lookedAt).Ticks;
            _lookedAt = _time.GetTimestamp();
            var said = Math.Min(logTime, _time.GetUtcNow().UtcTicks);
            _believed += passed;
            var leap = said - _believed;
            var isLeap = Math.Abs(leap) > LeapTicksMax;

            // What passed before this leap was seen, or with another one, is no patience with it. Of one before a
            // restart nobody knows how far it was, for the log was closed meanwhile.
            var isKnown = _waitsFor is { } known && Math.Abs(leap - known) <= LeapTicksMax;
            _waited = isLeap && (isKnown || _isReopened) ? _waited + passed : 0;
            _waitsFor = isLeap ? leap : null;
            _isReopened = false;
            if (!isLeap || _waited >= PatienceTicks)
            {
                (_believed, _waited, _waitsFor) = (said, 0, null);
            }

            return Math.Min(_believed, said);
        }
    }

    /// <summary>Keeps what is believed for the next opening.</summary>
    /// <param name="isClosing">At once; else at most every ten minutes.</param>
    public void Note(bool isClosing)
    {
        lock (_lock)
        {
            if (!isClosing && _noted > 0 && Math.Abs(_believed - _noted) < NoteEveryTicks)
            {
                return;
            }

            var bytes = new byte[Bytes];
            Magic.CopyTo(bytes);
            BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(8), _believed);
            BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(16), _waited);
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(Bytes - 4), Crc32C.Of(bytes.AsSpan(0, Bytes - 4)));
            try
            {
                AtomicFile.Write(_files, _path, bytes);
                _noted = _believed;
            }
            catch (KappaException)
            {
                // Without it the next opening begins with the last stamp, and waits anew for what leaps beyond it.
            }
        }
    }
}
