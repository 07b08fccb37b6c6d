namespace Kappa.Streams.Runtime.Fused;

/// <content>
/// With several workers a step goes in rounds: while the shards fold one, the next one is staged. The watermark moves
/// in between, when nobody looks at it. A batch that is not plain ends what is folded at once and goes the general way.
/// </content>
internal sealed partial class FusedSegment<T, TKey, TValue, TState, TRecords, TTime, TChain, TFold>
{
    private const int StagingsPerWorker = 4;

    private readonly List<(PlacedBatch Placed, bool IsFast, long Watermark)> _ways = [];
    private FusedRound<T, TKey, TRecords, TTime, TChain> _round;
    private FusedRound<T, TKey, TRecords, TTime, TChain> _ahead;
    private IReadOnlyList<PlacedBatch> _batches = [];
    private int _foldsFrom;

    private void RunTogether(IReadOnlyList<PlacedBatch> batches)
    {
        _batches = batches;
        _ways.Clear();
        _ahead.Begin(batches, 0, _machine.RoundRecords);
        _machine.Together(Stagings, _stage, 0);
        while (_ahead.From < _ahead.To)
        {
            (_round, _ahead) = (_ahead, _round);
            _ahead.Begin(batches, _round.To, _machine.RoundRecords);
            var moved = MoveUpTo(_round.From);
            _machine.Together(
                _shards.Length + (_ahead.From < _ahead.To ? Stagings : 0), _foldAndStage, _round.Records);
            while (moved < _round.To)
            {
                RunPlain(batches[moved]);
                moved = MoveUpTo(moved + 1);
                _machine.Together(_shards.Length, _foldAndStage, 0);
            }
        }
    }

    private int Stagings => StagingsPerWorker * _shards.Length;

    private void FoldAndStage(int task)
    {
        if (task < _shards.Length)
        {
            for (var i = 0; i < _ways.Count; i++)
            {
                var (placed, isFast, watermark) = _ways[i];
                Take(placed, _round[_foldsFrom + i], isFast, watermark, task);
            }
        }
        else
        {
            Stage(task - _shards.Length);
        }
    }

    /// <summary>Stages a part of the round ahead.</summary>
    private void Stage(int part)
    {
        var batches = _ahead.To - _ahead.From;
        var end = _ahead.From + (batches * (part + 1) / Stagings);
        for (var i = _ahead.From + (batches * part / Stagings); i < end; i++)
        {
            _ahead[i].Stage(_batches[i].Batch, _settings.MaxAheadTicks);
        }
    }

    /// <summary>
    /// Moves the watermark by what is staged of the round, from a batch on, and says how each is folded; returns the
    /// first that is not plain.
    /// </summary>
    private int MoveUpTo(int from)
    {
        _ways.Clear();
        _foldsFrom = from;
        var next = from;
        for (; next < _round.To && _round[next].IsStaged; next++)
        {
            var watermark = Track.Current;
            _ways.Add((_batches[next], MoveBy(_batches[next], _round[next]), watermark));
        }

        return next;
    }
}
