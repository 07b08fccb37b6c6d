using System.Globalization;

namespace ConnectedCar.Fleet;

/// <summary>
/// One car with its device. The device samples once a second, in stretches twice (both samples carry the same second),
/// polls the slow values in turn (so each repeats), sometimes stalls for four or five seconds, stores what it samples
/// where there is no network and sends that after the newer samples, and now and then sends one again.
/// </summary>
internal sealed class Car(string device, DateTimeOffset start, Dice dice)
{
    private Drive? _drive;
    private double _coolantC, _loadPct, _throttlePct, _voltage;
    private int _boot;
    private long _seq;
    private int _tripLeft;
    private int _parkedLeft = dice.Whole(0, 90);
    private int _stallLeft;
    private int _twiceLeft;
    private int _offlineLeft;
    private DateTimeOffset _onlineAt = start;

    /// <summary>The samples of the second that begins at <paramref name="now"/>, and when each leaves it.</summary>
    public IEnumerable<(DateTimeOffset SentAt, Telemetry Sample, bool Again)> Tick(DateTimeOffset now)
    {
        if (_drive is null && _parkedLeft-- > 0)
        {
            yield break;
        }

        var drive = _drive ??= SetOff();
        Chance(now);
        drive.Step();
        var sampled = _stallLeft-- <= 0;
        if (sampled)
        {
            foreach (var delivery in Send(Sample(drive, now), now, 0.1))
            {
                yield return delivery;
            }
        }

        drive.Step();
        if (sampled && _twiceLeft-- > 0)
        {
            foreach (var delivery in Send(Sample(drive, now), now, 0.6))
            {
                yield return delivery;
            }
        }

        if (--_tripLeft <= 0 && drive.SpeedKmh < 1)
        {
            (_drive, _parkedLeft) = (null, dice.Whole(180, 480));
        }
    }

    private Drive SetOff()
    {
        _boot++;
        _seq = 0;
        _tripLeft = dice.Whole(480, 1500);
        return new Drive(dice);
    }

    /// <summary>What may befall the device in this second: a stall, a stretch of two a second, no network.</summary>
    private void Chance(DateTimeOffset now)
    {
        if (_stallLeft <= 0 && dice.Chance(1 / 150.0))
        {
            _stallLeft = dice.Whole(3, 4);
        }

        if (_twiceLeft <= 0 && dice.Chance(1 / 240.0))
        {
            _twiceLeft = dice.Whole(20, 60);
        }

        if (--_offlineLeft < 0 && dice.Chance(1 / 200.0))
        {
            // A tunnel is shorter than the lateness a job allows, a garage is longer.
            _offlineLeft = dice.Chance(0.06) ? dice.Whole(60, 240) : dice.Whole(5, 18);
            _onlineAt = now.AddSeconds(_offlineLeft);
        }
    }

    private Telemetry Sample(Drive drive, DateTimeOffset now)
    {
        _seq++;
        switch (_seq == 1 ? -1 : _seq % 4)
        {
            case -1:
                (_coolantC, _loadPct, _throttlePct, _voltage) =
                    (drive.CoolantC, drive.LoadPct, drive.ThrottlePct, drive.Voltage);
                break;
            case 0: _coolantC = drive.CoolantC; break;
            case 1: _loadPct = drive.LoadPct; break;
            case 2: _throttlePct = drive.ThrottlePct; break;
            default: _voltage = drive.Voltage; break;
        }

        return new Telemetry
        {
            Device = device,
            Boot = _boot.ToString(CultureInfo.InvariantCulture),
            Seq = _seq,
            At = now,
            SpeedKmh = Math.Round(drive.SpeedKmh),
            Rpm = drive.Rpm,
            CoolantC = _coolantC,
            LoadPct = _loadPct,
            ThrottlePct = _throttlePct,
            Voltage = _voltage,
        };
    }

    private IEnumerable<(DateTimeOffset SentAt, Telemetry Sample, bool Again)> Send(
        Telemetry sample, DateTimeOffset now, double secondsIntoSecond)
    {
        var sentAt = now.AddSeconds(secondsIntoSecond + dice.Between(0, 0.3));
        if (now < _onlineAt)
        {
            // Back on the network the device first sends what it samples now, then, two seconds later, what it stored.
            sentAt = _onlineAt.AddSeconds(2 + dice.Between(0, 0.1));
        }

        yield return (sentAt, sample, false);
        if (dice.Chance(0.004))
        {
            yield return (sentAt.AddSeconds(dice.Between(0.5, 8)), sample, true);
        }
    }
}
