using System.Buffers.Binary;
using Kappa.Log;
using Kappa.Streams.Runtime;

namespace Kappa.Streams.Tests.Spilling;

/// <summary>
/// A planted fault: a state that is read back is the one that was spilled before the last, where both have one length.
/// </summary>
internal sealed class StaleScratch(IFileSystem inner) : PassingFiles(inner)
{
    protected override IFile Scratch(IFile file) => new Stale(file);

    private sealed class Stale(IFile file) : IFile
    {
        private readonly Dictionary<(int Table, uint Tag), byte[]> _last = [];
        private readonly SortedDictionary<long, byte[]> _stale = [];

        public long Length => file.Length;

        public int Read(Span<byte> into, long position)
        {
            var count = file.Read(into, position);
            foreach (var (at, record) in _stale)
            {
                if (at >= position && at + record.Length <= position + count)
                {
                    record.CopyTo(into[(int)(at - position)..]);
                }
            }

            return count;
        }

        public void Write(ReadOnlySpan<byte> bytes, long position)
        {
            file.Write(bytes, position);
            for (var at = 0; at < bytes.Length;)
            {
                var length = SpillFile.HeadBytes + BinaryPrimitives.ReadInt32LittleEndian(bytes[(at + 8)..]);
                var record = bytes.Slice(at, length).ToArray();
                var key = (BinaryPrimitives.ReadInt32LittleEndian(record),
                    BinaryPrimitives.ReadUInt32LittleEndian(record.AsSpan(4)));
                if (_last.TryGetValue(key, out var before) && before.Length == length)
                {
                    _stale[position + at] = before;
                }

                _last[key] = record;
                at += length;
            }
        }

        public void Truncate(long length)
        {
            _stale.Clear();
            file.Truncate(length);
        }

        public void Sync() => file.Sync();

        public void Dispose() => file.Dispose();
    }
}
