using System.Globalization;
using Kappa.Log;

namespace Kappa.Streams.Runtime;

/// <summary>
/// Makes each value of a stream a record to be said (rule E1). Those of one place may come from several shards, so each
/// keeps its moment, and the machine puts them in order.
/// </summary>
internal sealed class OutputStage<TKey, T> : IReceiver<T>, IKeyedReceiver<TKey, T>
    where TKey : notnull
{
    private readonly StageName _name;
    private readonly Func<T, TKey>? _key;
    private readonly SegmentInstance _instance;
    private readonly MomentOutputs _said;
    private readonly long _way;

    public OutputStage(StageName name, SegmentInstance instance, string output, Func<T, TKey>? key)
    {
        _name = name;
        _key = key;
        _instance = instance;
        _said = instance.Machine.OutputOf(output, instance.Worker);
        _way = instance.Way;
    }

    public void Receive(T value, long eventTime)
    {
        byte[]? bytes = null;
        if (_key is not null)
        {
            try
            {
                bytes = OutputBytes.OfKey(
                    _key(value) ?? throw new InvalidOperationException(UserCode.NullKey));
            }
            catch (Exception error) when (UserCode.MayFail(error))
            {
                _instance.Side.Dead(_name.Label, eventTime, error);
                return;
            }
        }

        Say(bytes, value, eventTime);
    }

    public void Receive(TKey key, T value, long eventTime)
    {
        byte[] bytes;
        try
        {
            bytes = OutputBytes.OfKey(key);
        }
        catch (Exception error) when (UserCode.MayFail(error))
        {
            _instance.Side.Dead(_name.Label, eventTime, error);
            return;
        }

        Say(bytes, value, eventTime);
    }

    private void Say(byte[]? key, T value, long eventTime)
    {
        byte[] bytes;
        try
        {
            bytes = OutputBytes.OfValue(value);
            if (bytes.Length + (key?.Length ?? 0) is > OutputBytes.BytesMax and var much)
            {
                throw new InvalidOperationException(string.Create(
                    CultureInfo.InvariantCulture,
                    $"The output has {much} bytes of key and value; allowed are {OutputBytes.BytesMax}."));
            }
        }
        catch (Exception error) when (UserCode.MayFail(error))
        {
            _instance.Side.Dead(_name.Label, eventTime, error);
            return;
        }

        var clock = _instance.Clock;
        _said.Add(clock.PlacesBefore, clock.Emit(_way), _instance.Machine.Places.PlaceAt(clock.Place), key, bytes);
    }
}

/// <summary>A record to be said, with its id.</summary>
internal readonly record struct OutputRecord(OutputId Id, byte[]? Key, byte[] Value);

/// <summary>What one worker's segments say on one output, with the moment of each.</summary>
internal sealed class MomentOutputs
{
    private readonly List<(long Step, Moment At, Place Place, byte[]? Key, byte[] Value)> _said = [];

    public long Bytes { get; private set; }

    public void Add(long step, Moment at, Place place, byte[]? key, byte[] value)
    {
        _said.Add((step, at, place, key, value));
        Bytes += value.Length + (key?.Length ?? 0);
    }

    /// <summary>
    /// Puts what all workers said in order of the moments, and numbers it at each place. Steps end between places, so
    /// the numbers do not depend on when this is called.
    /// </summary>
    public static List<OutputRecord> Collect(IReadOnlyList<MomentOutputs> workers)
    {
        var records = new List<OutputRecord>(workers.Sum(worker => worker._said.Count));
        var last = OutputId.None;
        foreach (var said in workers.SelectMany(worker => worker._said).OrderBy(one => one.Step).ThenBy(one => one.At))
        {
            last = said.Place == last.Place ? last with { Index = last.Index + 1 } : new OutputId(said.Place, 0);
            records.Add(new OutputRecord(last, said.Key, said.Value));
        }

        foreach (var worker in workers)
        {
            worker._said.Clear();
            worker.Bytes = 0;
        }

        return records;
    }
}
