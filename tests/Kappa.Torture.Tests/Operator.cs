using System.Diagnostics;
using Kappa.Client;

namespace Kappa.Torture;

/// <summary>Gives the commands of the loop and repeats each until a life of the server has answered it.</summary>
internal sealed class Operator(Supervisor server, AnswerCheck check)
{
    public const string Job = "driving";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);
    private readonly Dictionary<int, string> _artifacts = [];
    private readonly Dictionary<string, int> _codes = new(StringComparer.Ordinal);

    /// <summary>The version readers see, as far as the operator knows.</summary>
    public string Live { get; private set; } = "";

    public int CodeOf(string version) => _codes[version];

    /// <summary>Asks until answered; what a kill cuts off is asked again of the next life.</summary>
    public async Task<T> AskAsync<T>(Func<ServerProcess, Task<T>> question)
    {
        while (true)
        {
            var life = await server.LifeAsync();
            try
            {
                return await question(life);
            }
            catch (Exception cut) when (life.IsDoomed && IsCut(cut))
            {
                continue;
            }
        }
    }

    /// <summary>May a kill be why this call failed?</summary>
    public static bool IsCut(Exception failure) =>
        failure is RequestFailedException { Status: 0 or 200 } or OperationCanceledException or IOException
            or HttpRequestException;

    public async Task UploadAsync()
    {
        foreach (var code in new[] { 1, 2 })
        {
            var folder = Path.Combine(AppContext.BaseDirectory, "programs", FormattableString.Invariant($"v{code}"));
            var zip = PublishedProgram.Zip(folder);
            _artifacts[code] = (await AskAsync(life => life.Client.UploadAsync(zip, life.Dead))).Artifact;
        }
    }

    /// <summary>Deploys a code and returns its version.</summary>
    public async Task<string> DeployAsync(int code)
    {
        var request = new DeployRequest(_artifacts[code]);
        var deployed = await AskAsync(life => life.Client.DeployAsync(request, life.Dead));
        return Named(deployed.Jobs.Single().Version, code);
    }

    /// <summary>Remembers which code a version runs.</summary>
    public string Named(string version, int code)
    {
        _codes[version] = code;
        check.Name(version, code);
        return version;
    }

    /// <summary>The version is the live one; only it may answer from now on.</summary>
    public void IsLive(string version)
    {
        Live = version;
        check.Allow(version);
    }

    public async Task<VersionView> VersionAsync(string version)
    {
        var job = await AskAsync(life => life.Client.JobAsync(Job, life.Dead));
        var found = job.Versions.Single(one => one.Version == version);
        return found.State != "Failed" ? found : throw new TortureException($"{version} failed: {found.Error}");
    }

    public async Task<string?> LiveNowAsync() => (await AskAsync(life => life.Client.JobAsync(Job, life.Dead))).Live;

    public Task UntilAsync(string version, string state) =>
        UntilAsync($"{version} is {state}", async () => (await VersionAsync(version)).State == state);

    /// <summary>Waits until a version runs close to the end of the log.</summary>
    public Task CaughtUpAsync(string version) => UntilAsync($"{version} caught up", async () =>
        (await VersionAsync(version)).Progress is { } progress && progress.RecordsTotal - progress.RecordsDone < 500);

    /// <summary>Waits until a version has committed at least up to a place.</summary>
    public Task ReachAsync(string version, Log.Place place) => UntilAsync($"{version} reached {place}", async () =>
        (await VersionAsync(version)).Progress is { } progress
        && Log.Place.TryParse(progress.Place, out var committed) && committed >= place);

    private static async Task UntilAsync(string what, Func<Task<bool>> holds)
    {
        var watch = Stopwatch.StartNew();
        while (!await holds())
        {
            if (watch.Elapsed > Patience)
            {
                throw new TortureException($"It did not come about in {Patience} that {what}.");
            }

            await Task.Delay(15);
        }
    }
}
