namespace ConnectedCar.Fleet;

/// <summary>
/// How a car is driven: it works toward a speed for a while, then chooses another, and now and then brakes or
/// accelerates harshly. Moves in steps of half a second.
/// </summary>
internal sealed class Drive(Dice dice)
{
    public const double StepSeconds = 0.5;
    private static readonly double[] Speeds = [0, 30, 50, 50, 80, 110];

    private double _goalKmh;
    private double _metresPerSecondSquared;
    private int _stepsLeft;
    private double _coolantC = 20;

    public double SpeedKmh { get; private set; }

    public double CoolantC => Math.Round(_coolantC);

    public double Rpm => SpeedKmh < 1 ? 780 : Math.Round(900 + (SpeedKmh % 38 * 55));

    public double LoadPct => Math.Round(Math.Clamp(25 + (20 * _metresPerSecondSquared), 0, 100), 1);

    public double ThrottlePct => Math.Round(Math.Clamp(16 + (10 * _metresPerSecondSquared), 14, 90), 1);

    public double Voltage => Math.Round(13.9 + (_metresPerSecondSquared / 20), 3);

    public void Step()
    {
        if (_stepsLeft-- <= 0)
        {
            Choose();
        }

        var change = _metresPerSecondSquared * 3.6 * StepSeconds;
        SpeedKmh = change >= 0
            ? Math.Min(SpeedKmh + change, Math.Max(SpeedKmh, _goalKmh))
            : Math.Max(SpeedKmh + change, Math.Min(SpeedKmh, _goalKmh));
        _coolantC += (90 - _coolantC) / 400;
    }

    private void Choose()
    {
        if (SpeedKmh > 45 && dice.Chance(0.12))
        {
            (_goalKmh, _metresPerSecondSquared, _stepsLeft) = (SpeedKmh - 40, -dice.Between(3.4, 5.5), 5);
        }
        else if (SpeedKmh < 60 && dice.Chance(0.05))
        {
            (_goalKmh, _metresPerSecondSquared, _stepsLeft) = (SpeedKmh + 40, dice.Between(3.0, 3.6), 5);
        }
        else
        {
            _goalKmh = Speeds[dice.Whole(0, Speeds.Length - 1)];
            _metresPerSecondSquared = dice.Between(0.5, 1.6) * (_goalKmh < SpeedKmh ? -1 : 1);
            _stepsLeft = dice.Whole(20, 90);
        }
    }
}
