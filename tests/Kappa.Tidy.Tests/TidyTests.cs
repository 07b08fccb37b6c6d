using Kappa.Tidy.Tests.Rules;
using Xunit;

namespace Kappa.Tidy.Tests;

/// <summary>The rules of CONTRIBUTING.md, held against every file of the working copy.</summary>
public sealed class TidyTests
{
    [Fact]
    public void Files_methods_and_lines_keep_their_sizes() => None(Repository.Files.SelectMany(SizeRule.Check));

    [Fact]
    public void Names_say_what_a_thing_is() => None(Repository.Files.SelectMany(NameRule.Check));

    [Fact]
    public void No_word_marks_unfinished_work_or_one_machine() => None(Repository.Files
        .Where(file => !file.IsIn("tests/Kappa.Tidy.Tests")) // Here the words are named, and planted.
        .SelectMany(WordRule.Check));

    [Fact]
    public void Projects_reference_only_what_the_table_allows() =>
        None(Repository.Files.SelectMany(ReferenceRule.Check));

    [Fact]
    public void Folders_are_layers_and_the_engine_knows_no_operator() => None(LayerRule.Check(Repository.Files));

    [Fact]
    public void Pages_have_a_title_live_links_and_compiled_snippets()
    {
        var known = Repository.Paths.SelectMany(Ancestors).ToHashSet();
        var texts = Repository.Files.ToDictionary(file => file.Path, file => file.Text);

        None(Repository.Files.SelectMany(page => MarkdownRule.Check(page, known.Contains, texts.GetValueOrDefault)));
    }

    [Fact]
    public void The_solution_holds_every_project()
    {
        var solution = Repository.Files.Single(file => file.Path == "Kappa.slnx").Text;

        None(Repository.Files.Where(file => file.IsProject && !file.IsIn("bench"))
            .Where(file => !solution.Contains($"\"{file.Path}\"", StringComparison.Ordinal))
            .Select(file => file.Breaks(1, "the project is not in Kappa.slnx.")));
    }

    [Fact]
    public void Samples_with_jobs_are_read_by_the_analyzers() =>
        None(Repository.Files.Where(file => file.IsProject && file.IsIn("samples"))
            .Where(file => file.Text.Contains("/Kappa.Streams.csproj", StringComparison.Ordinal))
            .Where(file => !file.Text.Contains(
                "Kappa.Analyzers.csproj\" OutputItemType=\"Analyzer\"", StringComparison.Ordinal))
            .Select(file => file.Breaks(1, "add the analyzers as ConnectedCar does; a sample is clean.")));

    [Fact]
    public void The_rules_see_the_repository()
    {
        Assert.Contains("src/Kappa.Log/ILog.cs", Repository.Paths);
        Assert.Contains("README.md", Repository.Paths);
        Assert.Contains("tests/Kappa.Tidy.Tests/Kappa.Tidy.Tests.csproj", Repository.Paths);
        Assert.DoesNotContain(Repository.Paths, path => path.Contains("/obj/", StringComparison.Ordinal));
    }

    private static IEnumerable<string> Ancestors(string path)
    {
        for (; path.Length > 0; path = path.Contains('/') ? path[..path.LastIndexOf('/')] : "")
        {
            yield return path;
        }
    }

    private static void None(IEnumerable<Violation> violations)
    {
        var found = violations.ToList();
        var list = string.Join('\n', found);
        Assert.True(found.Count == 0, $"{found.Count} against the rules (CONTRIBUTING.md):\n{list}");
    }
}
