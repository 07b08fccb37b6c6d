using System.Buffers;
using System.Text.Json;

namespace Kappa.Tables.Loop;

/// <summary>
/// Walks one table of two versions in order of key bytes. Only key bytes and row bytes are compared; where the value
/// columns differ in shape, the columns both have are.
/// </summary>
internal sealed class TableComparison
{
    private readonly TableSchema? _left;
    private readonly TableSchema? _right;
    private readonly int _samplesMax;
    private readonly bool _sameShape;
    private readonly List<ColumnComparison> _columns;
    private readonly List<RowDiff> _samples = [];
    private long _same;
    private long _changed;
    private long _onlyLeft;
    private long _onlyRight;

    public TableComparison(TableSchema? left, TableSchema? right, int samplesMax)
    {
        _left = left;
        _right = right;
        _samplesMax = samplesMax;
        _sameShape = left is not null && right is not null && left.Values.SequenceEqual(right.Values);
        _columns = ColumnComparison.Of(left?.Values ?? [], right?.Values ?? []);
    }

    private string Presence => _left is null ? "only-right" : _right is null ? "only-left"
        : _left.Key.SequenceEqual(_right.Key) ? "both"
        : _left.Key.Select(c => c.Type).SequenceEqual(_right.Key.Select(c => c.Type)) ? "renamed-key" : "other-key";

    public async ValueTask<TableDiff> RunAsync(ITableSnapshot left, ITableSnapshot right, CancellationToken cancel)
    {
        var presence = Presence;
        if (presence == "other-key")
        {
            // Keys of other types have no common order: every row is on its own side only.
            _onlyLeft = await CountAsync(left, _left!.Name, cancel).ConfigureAwait(false);
            _onlyRight = await CountAsync(right, _right!.Name, cancel).ConfigureAwait(false);
        }
        else
        {
            await WalkAsync(left, right, cancel).ConfigureAwait(false);
        }

        var name = (_left ?? _right)!.Name;
        return new TableDiff(
            name, presence, _same, _changed, _onlyLeft, _onlyRight, [.. _columns.Select(c => c.Result())], _samples);
    }

    private async ValueTask WalkAsync(ITableSnapshot left, ITableSnapshot right, CancellationToken cancel)
    {
        var ones = Rows(left, _left, cancel).GetAsyncEnumerator(cancel);
        await using var disposeOnes = ones.ConfigureAwait(false);
        var others = Rows(right, _right, cancel).GetAsyncEnumerator(cancel);
        await using var disposeOthers = others.ConfigureAwait(false);
        var one = await NextAsync(ones).ConfigureAwait(false);
        var other = await NextAsync(others).ConfigureAwait(false);
        while (one is not null || other is not null)
        {
            var order = one is null ? 1 : other is null ? -1
                : one.Value.Key.Span.SequenceCompareTo(other.Value.Key.Span);
            Take(order <= 0 ? one : null, order >= 0 ? other : null);
            one = order <= 0 ? await NextAsync(ones).ConfigureAwait(false) : one;
            other = order >= 0 ? await NextAsync(others).ConfigureAwait(false) : other;
        }
    }

    private void Take(TableRow? left, TableRow? right)
    {
        if (left is null)
        {
            _onlyRight++;
            Sample("only-right", left, right);
        }
        else if (right is null)
        {
            _onlyLeft++;
            Sample("only-left", left, right);
        }
        else if (_sameShape && left.Value.Row.Span.SequenceEqual(right.Value.Row.Span))
        {
            _same++;
        }
        else if (ColumnComparison.Take(_columns, _left!, left.Value.Row.Span, _right!, right.Value.Row.Span))
        {
            _changed++;
            Sample("changed", left, right);
        }
        else
        {
            _same++;
        }
    }

    private void Sample(string change, TableRow? left, TableRow? right)
    {
        if (_samples.Count < _samplesMax)
        {
            var (schema, row) = left is { } l ? (_left!, l) : (_right!, right!.Value);
            var values = RowReader.ReadAll(schema, row);
            _samples.Add(new RowDiff(
                change,
                Named(schema.Key, values.AsSpan(0, schema.Key.Count)),
                left is null ? null : ValuesOf(_left!, left.Value),
                right is null ? null : ValuesOf(_right!, right.Value)));
        }
    }

    private static JsonElement ValuesOf(TableSchema schema, TableRow row) =>
        Named(schema.Values, RowReader.ReadAll(schema, row).AsSpan(schema.Key.Count));

    private static JsonElement Named(IReadOnlyList<Column> columns, ReadOnlySpan<object?> values)
    {
        var json = new ArrayBufferWriter<byte>();
        json.Write("{"u8);
        for (var i = 0; i < columns.Count; i++)
        {
            json.Write(i == 0 ? ""u8 : ","u8);
            CanonicalRow.Value(columns[i].Name, json);
            json.Write(":"u8);
            CanonicalRow.Value(values[i], json);
        }

        json.Write("}"u8);
        return JsonElement.Parse(json.WrittenSpan);
    }

    private static IAsyncEnumerable<TableRow> Rows(
        ITableSnapshot snapshot, TableSchema? table, CancellationToken cancel) =>
        table is null ? AsyncEnumerable.Empty<TableRow>() : snapshot.RowsAsync(table.Name, KeyRange.All, cancel);

    private static async ValueTask<TableRow?> NextAsync(IAsyncEnumerator<TableRow> rows) =>
        await rows.MoveNextAsync().ConfigureAwait(false) ? rows.Current : null;

    private static async ValueTask<long> CountAsync(ITableSnapshot snapshot, string table, CancellationToken cancel)
    {
        var count = 0L;
        await foreach (var _ in snapshot.RowsAsync(table, KeyRange.All, cancel).ConfigureAwait(false))
        {
            count++;
        }

        return count;
    }
}
