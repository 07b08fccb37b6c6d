using Kappa.Log;

namespace Kappa.Streams.Runtime;

/// <summary>
/// What a version said before it was started again: computed again it must be the same (rule C2). The first difference
/// is told and ends the comparing.
/// </summary>
internal sealed class SaidBefore(DerivedReader reader, OutputId last) : IAsyncDisposable
{
    private bool _isOver;

    /// <summary>Compares the next record computed again; returns a difference, or null.</summary>
    public string? Compare(in OutputRecord again)
    {
        if (_isOver)
        {
            return null;
        }

        _isOver = again.Id > last;
        if (!reader.TryPeek(out var batch, out var before) || before.Id > last)
        {
            return _isOver ? null : Told(again.Id, "is said now and was not before");
        }

        if (before.Id != again.Id)
        {
            return before.Id < again.Id
                ? Told(before.Id, "was said before and is not now") : Told(again.Id, "is said now and was not before");
        }

        reader.Take();
        var records = new RecordBatch("", 0, 0, 0, 1, batch.EncodedRecords[before.Start..before.End]).GetEnumerator();
        records.MoveNext();
        return records.Current.Value.SequenceEqual(again.Value)
            && records.Current.HasKey == again.Key is not null && records.Current.Key.SequenceEqual(again.Key)
                ? null : Told(again.Id, "says something else now");
    }

    public ValueTask DisposeAsync() => reader.DisposeAsync();

    private string Told(OutputId id, string what)
    {
        _isOver = true;
        return $"topic '{reader.Topic}', {id} {what}";
    }
}
