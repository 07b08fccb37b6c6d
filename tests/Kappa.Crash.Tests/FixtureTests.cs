using Xunit;

namespace Kappa.Crash;

/// <summary>Folders that earlier versions wrote are read; folders of later ones are refused, unchanged.</summary>
public sealed class FixtureTests : IDisposable
{
    private readonly string _copy = Directory.CreateTempSubdirectory("kappa-fixture-").FullName;

    public static TheoryData<string> Frozen =>
        [.. Directory.GetDirectories(Path.Combine(Root(), "tests", "fixtures"), "folder-*")
            .Select(path => Path.GetFileName(path)!)];

    public void Dispose() => Directory.Delete(_copy, recursive: true);

    [Theory]
    [MemberData(nameof(Frozen))]
    public async Task Frozen_folder_is_whole_reads_as_it_was_written_and_goes_on(string name)
    {
        var log = CopyOf(name, Fixture.Whole);
        Assert.Empty((await EmbeddedLog.VerifyAsync(log, DiskFileSystem.ForThisPlatform())).Findings);
        var expected = await File.ReadAllTextAsync(
            Path.Combine(Root(), "tests", "fixtures", name, Fixture.Expected));

        Assert.Equal(expected, await Fixture.DescribeAsync(log, TimeProvider.System));
        await using var open = await EmbeddedLog.OpenAsync(new LogOptions { Folder = log }, CancellationToken.None);
        Assert.True(open.Topics.Single(topic => topic.Name == "ended").IsComplete);
        var before = open.Topics.Single(topic => topic.Name == "orders").Records;
        await open.AppendAsync(
            new AppendRequest("orders", [NewRecord.Of(null, "new"u8.ToArray())]), CancellationToken.None);
        Assert.Equal(before + 1, open.Topics.Single(topic => topic.Name == "orders").Records);
    }

    [Theory]
    [MemberData(nameof(Frozen))]
    public async Task Frozen_damage_is_named_L10(string name)
    {
        var log = CopyOf(name, Fixture.Damaged);
        const string Damaged = "00000001.segment";

        var found = Assert.Single((await EmbeddedLog.VerifyAsync(log, DiskFileSystem.ForThisPlatform())).Findings);

        Assert.EndsWith(Path.Combine("000003", "0000", Damaged), found.File, StringComparison.Ordinal);
        Assert.Equal(("orders", 0), (found.Topic, found.Partition));
        await using var open = await EmbeddedLog.OpenAsync(new LogOptions { Folder = log }, CancellationToken.None);
        var damage = await Assert.ThrowsAsync<KappaException>(() => Contents.ReadAsync(open));
        Assert.Equal(ErrorKind.Corrupt, damage.Kind);
        Assert.Contains(found.File, damage.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Frozen))]
    public async Task Folder_of_a_later_format_is_refused_and_stays_as_it_is(string name)
    {
        var log = CopyOf(name, Fixture.Whole);
        var manifest = Path.Combine(log, "log.json");
        var text = await File.ReadAllTextAsync(manifest);
        var later = System.Text.RegularExpressions.Regex.Replace(text, "\"format\":[0-9]+", "\"format\":1000");
        Assert.NotEqual(text, later);
        await File.WriteAllTextAsync(manifest, later);
        var before = Bytes(log);

        var refused = await Assert.ThrowsAsync<KappaException>(async () =>
            await EmbeddedLog.OpenAsync(new LogOptions { Folder = log }, CancellationToken.None));

        Assert.Contains("1000", refused.Message, StringComparison.Ordinal);
        Assert.Equal(before, Bytes(log));
    }

    [Fact]
    public void A_folder_of_every_format_is_frozen() =>
        Assert.Equal(["folder-1", "folder-2"], ((IEnumerable<object[]>)Frozen).Select(row => row[0]).Order());

    [Fact]
    public async Task Folder_of_format_2_keeps_its_settings_and_where_it_begins_L9_L10()
    {
        var log = CopyOf("folder-2", Fixture.Whole);
        await using var open = await EmbeddedLog.OpenAsync(new LogOptions { Folder = log }, CancellationToken.None);

        var topics = open.Topics.ToDictionary(topic => topic.Name);
        Assert.Equal(Compression.Brotli, topics["packed"].Settings.Compression);
        Assert.Equal(TimeSpan.FromMinutes(2), topics["short"].Settings.RetainFor);
        Assert.True(topics["short"].StartOffsets[0] > 0);
        Assert.Equal(12, topics["short"].EndOffsets[0]);

        var erased = (await Contents.ReadAsync(open)).Partitions[("erased", 0)];
        Assert.Equal(12, erased.Count);
        Assert.All(erased, record => Assert.Equal(record.Key == "b", record.Value.Length > 0));
    }

    private static string Root()
    {
        var at = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(at, "Kappa.slnx")))
        {
            at = Path.GetDirectoryName(at)!;
        }

        return at;
    }

    private string CopyOf(string name, string twin)
    {
        Fixture.Copy(Path.Combine(Root(), "tests", "fixtures", name, twin), _copy);
        return Path.Combine(_copy, "log");
    }

    // The file that holds the folder is not what it holds.
    private static List<(string, string)> Bytes(string folder) =>
        [.. Directory.GetFiles(folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
            .Where(path => Path.GetFileName(path) != "lock")
            .Select(path => (path, Convert.ToHexString(File.ReadAllBytes(path))))];
}
