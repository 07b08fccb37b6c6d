using System.Text.RegularExpressions;
using Xunit;

namespace Kappa.Golden.Tests;

/// <summary>Every rule that is built is cited by a test: in its name, or in a comment at it.</summary>
public sealed partial class RuleCitationTests
{
    private static readonly string[] Rules =
    [
        "L1", "L2", "L3", "L4", "L5", "L6", "L7", "L8", "L10", "L11", "T1", "T2", "T3", "T4", "T5", "T6", "T7", "T8",
        "T9",
        "O1", "O2", "O3", "O4", "O5", "O6", "O7", "E1", "E2", "E3", "C1", "C2", "C3", "C4", "V1", "V2", "V3", "V4",
            "V5", "V6", "V7", "V8",
        "P1", "P2", "P3", "P4",
    ];

    /// <summary>What no code does yet: here, so that nobody takes it for tested.</summary>
    private static readonly string[] NotBuilt = [];

    [Fact]
    public void Every_rule_that_is_built_is_cited_by_a_test()
    {
        var cited = new Dictionary<string, List<string>>();
        foreach (var file in Tests()
            .Where(file => !file.EndsWith(nameof(RuleCitationTests) + ".cs", StringComparison.Ordinal)))
        {
            foreach (var rule in CitationsOf(File.ReadAllText(file)))
            {
                cited.TryAdd(rule, []);
                cited[rule].Add(Path.GetFileName(file));
            }
        }

        Assert.Equal(NotBuilt, Rules.Where(rule => !cited.ContainsKey(rule)));
    }

    [Theory]
    [InlineData("public void Gap_is_refused_L8()", "L8")]
    [InlineData("public async Task T4_a_timer_fires() // V6, E2", "T4", "V6", "E2")]
    [InlineData("/// <summary>Rules C1 and C2: a restart</summary>", "C1", "C2")]
    [InlineData("// promise P2 (rules T7, T8)", "P2", "T7", "T8")]
    [InlineData("[InlineData(\"T1\", 0xC3)] var V1 = L10; \"O1 is text\"")]
    public void A_citation_is_a_number_in_a_comment_or_in_the_name_of_a_test(string line, params string[] rules) =>
        Assert.Equal(rules, CitationsOf(line));

    private static IEnumerable<string> CitationsOf(string text) =>
        text.Split('\n').SelectMany(line =>
            Method().Matches(line).SelectMany(name => name.Groups[1].Value.Split('_'))
                .Concat(line.IndexOf("//", StringComparison.Ordinal) is >= 0 and var at
                    ? Word().Split(line[at..]) : []))
            .Where(word => Rule().IsMatch(word));

    private static IEnumerable<string> Tests()
    {
        var at = new DirectoryInfo(AppContext.BaseDirectory);
        while (at is not null && !File.Exists(Path.Combine(at.FullName, "Kappa.slnx")))
        {
            at = at.Parent;
        }

        var separator = Path.DirectorySeparatorChar;
        return Directory.EnumerateFiles(Path.Combine(at!.FullName, "tests"), "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains($"{separator}obj{separator}", StringComparison.Ordinal));
    }

    [GeneratedRegex(@"public (?:async )?(?:Task|void) (\w+_\w+)\(")]
    private static partial Regex Method();

    [GeneratedRegex(@"\W+")]
    private static partial Regex Word();

    [GeneratedRegex(@"^[LTOECVP]\d{1,2}$")]
    private static partial Regex Rule();
}
