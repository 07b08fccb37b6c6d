namespace Kappa.Client;

/// <summary>Where a request's records are. They are durable.</summary>
/// <param name="Topic">The topic.</param>
/// <param name="Records">How many records the request appended.</param>
/// <param name="Repeated">The request had been taken before: nothing was added.</param>
/// <param name="Place">The place behind the last of them.</param>
/// <param name="Batches">Their offsets, per partition.</param>
/// <param name="BadLineCount">How many lines were refused.</param>
/// <param name="BadLines">The first of the refused lines.</param>
public sealed record AppendAnswer(
    string Topic, long Records, bool Repeated, string Place, IReadOnlyList<BatchView> Batches,
    long BadLineCount, IReadOnlyList<BadLine> BadLines);

/// <summary>Consecutive records of one partition.</summary>
/// <param name="Partition">The partition.</param>
/// <param name="BaseOffset">The offset of the first.</param>
/// <param name="Records">How many.</param>
/// <param name="LogTime">Their log time, UTC.</param>
public sealed record BatchView(int Partition, long BaseOffset, int Records, DateTimeOffset LogTime);

/// <summary>A line that is no record.</summary>
/// <param name="Line">Its number, from 1.</param>
/// <param name="Reason">What is wrong with it.</param>
public sealed record BadLine(long Line, string Reason);
