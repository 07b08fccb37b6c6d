using System.Text.Json;
using Xunit;

namespace Kappa.Server.Tests;

/// <summary>Names that would leave their folder, on every field that takes a name (S12).</summary>
public sealed class NamesTests
{
    private static readonly string[] Wrong =
    [
        "../x", "..", ".", "%2e%2e%2fx", "..%252fx", "a/b", "a\\b", "/etc/passwd", "A", "a b", "a\u0000", "ａ", "a\n", "-a", "_kappa.x",
        "_kappa.lifecycle", "", new string('a', 300), "a;drop", "\u202Ea",
    ];

    [Fact]
    public async Task A_wrong_name_is_refused_in_every_body()
    {
        await using var running = await RunningServer.StartAsync();
        var before = Entries(running.Folder);
        foreach (var name in Wrong)
        {
            var quoted = JsonSerializer.Serialize(name);
            foreach (var (path, body) in new[]
            {
                ("/v1/topics", $$"""{"name":{{quoted}}}"""),
                ("/v1/deploy", $$"""{"artifact":{{quoted}}}"""),
                ("/v1/diff", $$"""{"left":{{quoted}},"right":{{quoted}}}"""),
                ("/v1/switch", $$"""{"to":[{{quoted}}]}"""),
                ("/v1/drop", $$"""{"version":{{quoted}}}"""),
                ("/v1/query", $$"""{"sql":"select 1","job":{{quoted}}}"""),
                ("/v1/query", $$"""{"sql":"select 1","table":{{quoted}}}"""),
            })
            {
                var (status, answer) = await running.PostAsync(path, body);
                Assert.True(status is 400 or 404, $"{path} {body}: {status} {answer}");
                Assert.DoesNotContain(running.Folder, answer.ToString(), StringComparison.Ordinal);
            }
        }

        Assert.Equal(before, Entries(running.Folder));
    }

    [Fact]
    public async Task A_wrong_name_is_refused_in_every_path()
    {
        await using var running = await RunningServer.StartAsync();
        var before = Entries(running.Folder);
        foreach (var name in Wrong.Where(name => name is not ("" or "." or ".." or "_kappa.lifecycle")))
        {
            var escaped = Uri.EscapeDataString(name);
            foreach (var path in new[]
            {
                $"/v1/topics/{escaped}", $"/v1/topics/{escaped}/records", $"/v1/jobs/{escaped}", $"/v1/tables/{escaped}",
                $"/v1/tables/{escaped}/rows", $"/v1/tables/{escaped}/export", $"/v1/tables/{escaped}@1/rows",
            })
            {
                var (status, answer) = await running.GetAsync(path);
                Assert.True(status is 400 or 404, $"{path}: {status} {answer}");
            }

            foreach (var path in new[] { $"/v1/topics/{escaped}/complete", $"/v1/jobs/{escaped}/rollback", $"/v1/jobs/{escaped}/reprocess" })
            {
                var (status, answer) = await running.PostAsync(path, "");
                Assert.True(status is 400 or 404, $"{path}: {status} {answer}");
            }
        }

        Assert.Equal(before, Entries(running.Folder));
    }

    [Fact]
    public async Task The_platforms_own_topics_can_be_read_but_not_written()
    {
        await using var running = await RunningServer.StartAsync();

        Assert.Equal(200, (await running.GetAsync("/v1/topics/_kappa.lifecycle")).Status);
        Assert.Equal(400, (await running.PostAsync("/v1/topics/_kappa.lifecycle/records", "{}")).Status);
        Assert.Equal(400, (await running.PostAsync("/v1/topics/_kappa.clock/complete", "")).Status);
    }

    private static List<string> Entries(string folder) =>
        [.. Directory.EnumerateFileSystemEntries(folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];
}
