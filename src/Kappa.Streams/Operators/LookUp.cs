using System.Collections.Immutable;
using Kappa.Log;

namespace Kappa.Streams.Operators;

/// <summary>What is known of one key of a table that is looked up.</summary>
/// <param name="Rows">The row, or with validity all rows there were, the latest known last.</param>
/// <param name="RemovedAt">The place at which it was taken back; the next row at that place is a change of it, one at a
/// later place begins anew.</param>
internal sealed record KnownRows<TRow>(ImmutableList<Valid<TRow>> Rows, Place? RemovedAt);

/// <summary>A row and from which event time on it is valid; least where that is not asked.</summary>
internal readonly record struct Valid<TRow>(long From, TRow Row);

/// <summary>
/// Gives each value the row of its key, as it was before its place (rule O3); with <paramref name="validFrom"/> the one
/// valid at its event time among those known.
/// </summary>
internal sealed class LookUp<TKey, T, TRow, TOut>(
    Func<T, TOut> absent, Func<T, TRow, TOut> found, Func<TRow, DateTimeOffset>? validFrom, int rowsMax)
    : Process<TKey, Either<T, Change<TRow>>, KnownRows<TRow>?, TOut>
    where TKey : notnull
{
    public override void OnRecord(
        ProcessContext<TOut> context, TKey key, ref KnownRows<TRow>? state, Either<T, Change<TRow>> value)
    {
        if (value.IsRight)
        {
            state = Change(context, state, value.Right);
        }
        else if (RowOf(state, context.EventTicks) is { } row)
        {
            context.Emit(found(value.Left, row.Row));
        }
        else
        {
            context.Emit(absent(value.Left));
        }
    }

    private static Valid<TRow>? RowOf(KnownRows<TRow>? known, long time)
    {
        if (known is null or { RemovedAt: not null })
        {
            return null;
        }

        Valid<TRow>? best = null;
        foreach (var row in known.Rows)
        {
            if (row.From <= time && row.From >= (best?.From ?? long.MinValue))
            {
                best = row;
            }
        }

        return best;
    }

    private KnownRows<TRow>? Change(
        ProcessContext<TOut> context, KnownRows<TRow>? known, Change<TRow> change)
    {
        var place = context.Place;
        if (change.Sign < 0)
        {
            return validFrom is null || known is null ? null : known with { RemovedAt = place };
        }

        if (validFrom is null)
        {
            return new KnownRows<TRow>([new Valid<TRow>(long.MinValue, change.Item)], null);
        }

        if (known?.RemovedAt is { } removed && removed != place)
        {
            known = null;
        }

        try
        {
            var row = new Valid<TRow>(validFrom(change.Item).UtcTicks, change.Item);
            return known is null || known.Rows.Count < rowsMax
                ? new KnownRows<TRow>(known is null ? [row] : known.Rows.Add(row), null)
                : throw new InvalidOperationException(
                    $"{rowsMax} rows with validity are known of this key, which is the most this look-up keeps.");
        }
        catch (Exception error) when (UserCode.MayFail(error))
        {
            // The row before was taken back by the same change: both halves are undone.
            context.Dead(context.EventTicks, error);
            return known is null ? null : known with { RemovedAt = null };
        }
    }
}
