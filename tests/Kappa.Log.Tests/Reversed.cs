using System.Buffers;
using System.Text;

namespace Kappa.Log.Tests;

/// <summary>Types a value as its bytes from last to first.</summary>
/// <param name="key">The decoder's key, 64 times.</param>
/// <param name="topic">The topic.</param>
/// <param name="isUndecodable">Which values get a mark; null: those that begin with !.</param>
internal sealed class Reversed(char key = 'a', string topic = "t", Predicate<byte[]>? isUndecodable = null)
    : Projection(topic, new string(key, 64), ["at"])
{
    /// <summary>What a reader of topic "t" makes of batches: typed values are undone, and marks looked up.</summary>
    public static string[] Events(IEnumerable<RecordBatch> batches)
    {
        var events = new List<string>();
        foreach (var batch in batches.Where(batch => batch.Topic == "t"))
        {
            var appended = batch.AsAppended();
            foreach (var record in batch)
            {
                Xunit.Assert.True(appended.MoveNext());
                var value = record.Value.ToArray();
                if (batch.Projection is not null)
                {
                    Array.Reverse(value);
                }

                events.Add($"{record.Place} {record.Offset} {record.IsErased} " + (record.HasValue
                    ? Encoding.UTF8.GetString(value)
                    : appended.Current.HasValue ? Encoding.UTF8.GetString(appended.Current.Value) : "none"));
            }
        }

        return [.. events];
    }

    public override bool TryWrite(in Record record, IBufferWriter<byte> into, TimeRange[] times)
    {
        var value = record.Value.ToArray();
        var isMarked = isUndecodable is null ? value[0] == '!' : isUndecodable(value);
        Array.Reverse(value);
        into.Write(value);
        times[0] = times[0].With(record.Place.LogTime);
        return !isMarked;
    }
}
