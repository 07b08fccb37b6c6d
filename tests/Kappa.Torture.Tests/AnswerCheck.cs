using Kappa.Log;

namespace Kappa.Torture;

/// <summary>An answer to a reader: version, place, and rows as keys with values.</summary>
internal sealed record Answer(
    string Question, string Version, string Place, IReadOnlyList<KeyValuePair<string, string>> Rows);

/// <summary>When a question was asked: what could be known then.</summary>
internal readonly record struct Asked(int Epoch, Place Floor);

/// <summary>
/// Judges answers of concurrent readers (promise P4, rules V6 and V7): the version is one that was live while the
/// question was open, the rows are that version's own, the same version and place always say the same, and a place is
/// never before one that was told before the question was asked.
/// </summary>
internal sealed class AnswerCheck(Findings findings)
{
    /// <summary>The question whose rows are known once a trip is over.</summary>
    public const string Trips = "trips";

    private readonly Lock _lock = new();
    private readonly List<HashSet<string>> _allowed = [];
    private readonly Dictionary<string, int> _codes = new(StringComparer.Ordinal);
    private readonly Dictionary<int, IReadOnlyDictionary<string, string>> _known = [];
    private readonly Dictionary<(string, string, string), int> _told = [];
    private Place _floor;

    public long Answers { get; private set; }

    /// <summary>What rows that no longer change say under a code.</summary>
    public void Know(int code, IReadOnlyDictionary<string, string> rows) => _known[code] = rows;

    /// <summary>A version and the code it runs.</summary>
    public void Name(string version, int code)
    {
        lock (_lock)
        {
            _codes[version] = code;
        }
    }

    /// <summary>From now on these may answer.</summary>
    public void Allow(params string[] versions)
    {
        lock (_lock)
        {
            _allowed.Add([.. versions]);
        }
    }

    public Asked Ask()
    {
        lock (_lock)
        {
            return new Asked(_allowed.Count - 1, _floor);
        }
    }

    public void Judge(Asked asked, Answer answer)
    {
        lock (_lock)
        {
            Answers++;
            if (!_allowed.Skip(asked.Epoch).Any(versions => versions.Contains(answer.Version)))
            {
                findings.Add(
                    Fault.Mixed,
                    $"{answer.Version} answered while {string.Join(" or ", _allowed[asked.Epoch])} was live.");
            }

            if (!Place.TryParse(answer.Place, out var place))
            {
                findings.Add(Fault.Mixed, $"An answer of {answer.Version} has the place '{answer.Place}'.");
                return;
            }

            if (place < asked.Floor)
            {
                findings.Add(Fault.Mixed, $"{answer.Version} at {place}: a place went back from {asked.Floor}.");
            }

            _floor = place > _floor ? place : _floor;
            JudgeRows(answer);
        }
    }

    /// <summary>Do the rows that no longer change say what this version's code makes of them?</summary>
    public void JudgeRows(Answer answer)
    {
        var content = new HashCode();
        var found = 0;
        var known = _known.GetValueOrDefault(_codes.GetValueOrDefault(answer.Version));
        foreach (var (key, value) in answer.Rows)
        {
            content.Add(key);
            content.Add(value);
            if (known is not null && known.TryGetValue(key, out var expected))
            {
                found++;
                if (value != expected)
                {
                    findings.Add(
                        Fault.Mixed, $"{answer.Version} says {value} of {key}; its code makes {expected} of it.");
                }
            }
        }

        if (known is not null && answer.Question == Trips && found != known.Count)
        {
            findings.Add(Fault.Mixed, $"{answer.Version} tells {found} of the {known.Count} finished trips.");
        }

        var hash = content.ToHashCode();
        if (!_told.TryAdd((answer.Question, answer.Version, answer.Place), hash)
            && _told[(answer.Question, answer.Version, answer.Place)] != hash)
        {
            findings.Add(Fault.Mixed, $"{answer.Version} at {answer.Place} said two different things.");
        }
    }
}
