using System.Reflection;
using Kappa.Streams.Codecs;
using Kappa.Streams.Runtime;
using Kappa.Streams.Runtime.Fused;

namespace Kappa.Streams.Nodes;

/// <summary>
/// Finds the chains that run as one loop: source, any number of Where and Select, KeyBy, Where, and a fold by windows
/// that feeds tables only.
/// </summary>
internal static class Fusing
{
    /// <summary>
    /// A fused segment over a source's general one, where its chain allows it; else that one itself.
    /// </summary>
    public static SourceSegment Over<T>(
        GeneralSegment plain, SourceNode<T> source, Topology topology, JobMachine machine)
    {
        if (!source.HasEventTime || FusedChain.Find(source, topology) is not { } chain)
        {
            return plain;
        }

        var shard = machine.ExchangeOf(chain.Key.Id).Instances[0];
        if (shard.Stages.Count != 1 || shard.Track != plain.Track || plain.Track.FollowsLog)
        {
            return plain;
        }

        return (SourceSegment?)typeof(Fusing).GetMethod(nameof(Make), BindingFlags.Static | BindingFlags.NonPublic)!
            .MakeGenericMethod([typeof(T), .. chain.Fold.GetType().GetGenericArguments()[..3]])
            .Invoke(null, BindingFlags.DoNotWrapExceptions, null, [plain, source, chain, machine], null) ?? plain;
    }

    private static SourceSegment? Make<T, TKey, TValue, TState>(
        GeneralSegment plain, SourceNode<T> source, FusedChain chain, JobMachine machine)
        where TKey : notnull
    {
        var exchange = machine.ExchangeOf(chain.Key.Id);
        if (exchange.Instances[0].Stages[0] is not IWindowFold<TKey, TValue, TState> { Cut: not null } stage
            || stage.HasChanges)
        {
            return null;
        }

        var thunks = new Thunks([source.EventTime!, .. chain.Lambdas, stage.Next]);
        var settings = new FusedSettings(plain, exchange, source.Timing.Lateness, source.MaxAhead.Ticks);
        var records = source.Codec.IsInPlace && InPlaceRecords<T>.IsPossible
            ? (object)default(InPlaceRecords<T>)
            : BinaryFormat.IsInPlace<T>() && InPlaceRecords<T>.IsPossible
                ? new ProjectedRecords<T>(source.Codec)
                : new DecodedRecords<T>(source.Codec);
        var time = thunks.Function(source.EventTime!);
        var steps = chain.Build(thunks);
        var fold = thunks.Fold(stage.Next);
        var type = typeof(FusedSegment<,,,,,,,>).MakeGenericType(
            typeof(T), typeof(TKey), typeof(TValue), typeof(TState), records.GetType(), time.GetType(),
            steps.GetType(), fold.GetType());
        return (SourceSegment)Activator.CreateInstance(type, settings, records, time, steps, fold)!;
    }
}
