using Kappa.Streams.Patterns;

namespace Kappa.Streams.Tests.Patterns;

/// <summary>The jobs of the guide to patterns.</summary>
internal static class GuideJobs
{
    // <guessed>
    private static readonly Step<Login> Failure = Step.Of<Login>("failure", login => !login.Ok);
    private static readonly Step<Login> Success = Step.Of<Login>("success", login => login.Ok);

    public static readonly Job Guessed = Job.Define("guessed", flow => flow
        .From<Login>("logins", eventTime: login => login.At, lateness: TimeSpan.FromSeconds(5))
        .KeyBy(login => login.User)
        .Detect(
            Failure.TimesOrMore(5).Greedy().FollowedBy(Success)
                .Within(TimeSpan.FromMinutes(1))
                .AfterMatch(Skip.PastLast),
            (user, match) => new Guess(user, match[Failure].Count, match[Success][0].At))
        .ToTable("guesses", guess => guess.User));
    // </guessed>

    // <silent>
    private static readonly Step<Sample> Heard = Step.Of<Sample>("heard", _ => true);
    private static readonly Step<Sample> Again = Step.Of<Sample>("again", _ => true);

    public static readonly Job Silent = Job.Define("silent", flow => flow
        .From<Sample>("samples", eventTime: sample => sample.At, lateness: TimeSpan.FromSeconds(30))
        .KeyBy(sample => sample.Car)
        .Detect(
            Heard.NotFollowedBy(Again).Within(TimeSpan.FromMinutes(5)),
            (car, match) => new Silence(car, LastHeard: match.End))
        .ToTable("silent", silence => silence.Car));
    // </silent>

    // <harsh>
    private static readonly Step<Sample> Harsh = Step.Of<Sample>("harsh", sample => sample.Braking >= 2.5);

    public static readonly Job HarshThrice = Job.Define("harsh-thrice", flow => flow
        .From<Sample>("samples", eventTime: sample => sample.At, lateness: TimeSpan.FromSeconds(30))
        .KeyBy(sample => sample.Car)
        .Detect(
            Harsh.Times(3).Within(TimeSpan.FromMinutes(10)).AfterMatch(Skip.PastLast),
            (car, match) => new HarshDrive(car, match.Start, match[Harsh].Max(sample => sample.Braking)))
        .ToTable("harsh", drive => drive.Car));
    // </harsh>

    // <heating>
    private static readonly Step<Sample> Warm = Step.Of<Sample>("warm", sample => sample.Coolant > 95);

    private static readonly Step<Sample> Hot = Step.Of<Sample>("hot", (sample, soFar) =>
        sample.Coolant >= soFar[Warm][0].Coolant + 10);

    public static readonly Pattern<Sample> Heating = Warm.FollowedBy(Hot)
        .Within(TimeSpan.FromMinutes(3))
        .AfterMatch(Skip.PastLast);
    // </heating>
}

internal sealed record Login(string User, DateTimeOffset At, bool Ok);

internal sealed record Guess(string User, int Tries, DateTimeOffset At);

internal sealed record Sample(string Car, DateTimeOffset At, double Braking, double Coolant);

internal sealed record Silence(string Car, DateTimeOffset LastHeard);

internal sealed record HarshDrive(string Car, DateTimeOffset Since, double Worst);
