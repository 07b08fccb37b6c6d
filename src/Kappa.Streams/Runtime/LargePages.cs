using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Kappa.Streams.Runtime;

/// <summary>
/// Memory for large tables on the processor's large pages, where the system has them for the asking (Linux,
/// <c>madvise</c>): a table of a million keys is read at random, and with pages of 4 KiB most of the time goes into
/// finding the page.
/// </summary>
internal static partial class LargePages
{
    private const long PageBytes = 2 << 20;
    private const int HugePageAdvice = 14;

    /// <summary>An array of zeros.</summary>
    public static unsafe T[] Allocate<T>(int length)
    {
        var bytes = (long)length * Unsafe.SizeOf<T>();
        if (!OperatingSystem.IsLinux() || bytes < 2 * PageBytes || RuntimeHelpers.IsReferenceOrContainsReferences<T>())
        {
            return new T[length];
        }

        // Asked before the memory is touched, as pages are made then. It is a hint: a refusal changes nothing.
        var array = GC.AllocateUninitializedArray<T>(length, pinned: true);
        var start = (long)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(array));
        var first = (start + PageBytes - 1) & -PageBytes;
        var end = (start + bytes) & -PageBytes;
        _ = Advise((nint)first, (nuint)(end - first), HugePageAdvice);
        Array.Clear(array);
        return array;
    }

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(nint address, nuint length, int advice);
}
