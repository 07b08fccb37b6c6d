using System.Runtime.CompilerServices;

namespace Kappa.Cli;

/// <summary>Cuts input into blocks of whole lines, the same blocks for the same input, so that a retry repeats them.</summary>
internal static class LineBlocks
{
    /// <summary>Reads blocks of at most a size; a longer line is a block of its own.</summary>
    public static async IAsyncEnumerable<ReadOnlyMemory<byte>> ReadAsync(
        Stream input, int bytesMax, [EnumeratorCancellation] CancellationToken cancel)
    {
        var buffer = new byte[bytesMax];
        var filled = 0;
        while (true)
        {
            var read = await input.ReadAtLeastAsync(
                buffer.AsMemory(filled), buffer.Length - filled, throwOnEndOfStream: false, cancel);
            filled += read;
            if (filled < buffer.Length)
            {
                break;
            }

            var end = buffer.AsSpan(0, filled).LastIndexOf((byte)'\n') + 1;
            if (end == 0)
            {
                Array.Resize(ref buffer, buffer.Length * 2);
                continue;
            }

            yield return buffer.AsMemory(0, end);
            buffer.AsSpan(end, filled - end).CopyTo(buffer);
            filled -= end;
        }

        if (filled > 0)
        {
            yield return buffer.AsMemory(0, filled);
        }
    }
}
