using Kappa.Tidy.Tests.Rules;
using Xunit;

namespace Kappa.Tidy.Tests;

/// <summary>Each rule finds what it is there to find, and leaves its neighbour alone.</summary>
public sealed class PlantedTests
{
    [Theory]
    [InlineData("src/Kappa.Log/A.cs", SizeRule.FileLinesMax)]
    [InlineData("tests/A.Tests/A.cs", SizeRule.TestLinesMax)]
    public void A_file_beyond_its_size_is_found(string path, int most)
    {
        Assert.Empty(SizeRule.Check(new SourceText(path, Lines(most))));
        Assert.Single(SizeRule.Check(new SourceText(path, Lines(most + 1))));
    }

    [Fact]
    public void A_page_beyond_its_size_is_found()
    {
        Assert.Empty(SizeRule.Check(new SourceText("CHANGELOG.md", Lines(SizeRule.PageLinesMax))));
        Assert.Single(SizeRule.Check(new SourceText("CHANGELOG.md", Lines(SizeRule.PageLinesMax + 1))));
        Assert.Empty(SizeRule.Check(new SourceText("docs/other.md", Lines(SizeRule.PageLinesMax + 1))));
    }

    [Fact]
    public void A_line_beyond_its_columns_is_found()
    {
        Assert.Empty(SizeRule.Check(Code("//" + new string('x', SizeRule.ColumnsMax - 2))));
        Assert.Equal(2, Assert.Single(SizeRule.Check(Code("\n//" + new string('x', SizeRule.ColumnsMax - 1)))).Line);
    }

    [Fact]
    public void A_method_beyond_its_lines_is_found()
    {
        Assert.Empty(SizeRule.Check(Code("class A\n{\nvoid B()\n{\n" + Lines(SizeRule.MethodLinesMax - 3) + "}\n}")));
        Assert.Single(SizeRule.Check(Code("class A\n{\nvoid B()\n{\n" + Lines(SizeRule.MethodLinesMax - 2) + "}\n}")));
    }

    [Theory]
    [InlineData("class OrderManager;")]
    [InlineData("record struct RowData(int A);")]
    [InlineData("enum Version { A }")]
    [InlineData("class A { class BufferHelper; }")]
    public void A_name_that_says_nothing_is_found(string code) => Assert.Single(NameRule.Check(Code(code)));

    [Theory]
    [InlineData("class Metadata;")]
    [InlineData("class JobVersion;")]
    [InlineData("class EventStream { int Data; }")]
    public void A_name_that_says_something_is_left_alone(string code) => Assert.Empty(NameRule.Check(Code(code)));

    [Fact]
    public void A_folder_for_anything_is_found()
    {
        Assert.Single(NameRule.Check(new SourceText("src/Kappa.Log/Utils/A.cs", "")));
        Assert.Empty(NameRule.Check(new SourceText("src/Kappa.Log/Segments/Utils.md", "")));
    }

    [Fact]
    public void A_public_type_in_another_types_file_is_found()
    {
        var big = "public class C {" + Lines(NameRule.SatelliteLinesMax) + "}";

        Assert.Single(NameRule.Check(new SourceText("src/Kappa.Log/A.cs", "public class B;")));
        Assert.Single(NameRule.Check(new SourceText("src/Kappa.Log/A.cs", "public class A;" + big)));
        Assert.Empty(NameRule.Check(new SourceText("src/Kappa.Log/A.cs", "public class A<T>; public enum B { C }")));
        Assert.Empty(NameRule.Check(new SourceText("src/Kappa.Log/A.Reading.cs", "public partial class A;")));
        Assert.Empty(NameRule.Check(new SourceText("src/Kappa.Log/A.cs", "internal class B;")));
        Assert.Empty(NameRule.Check(new SourceText("tests/A.cs", "public class B;")));
    }

    [Theory]
    [InlineData("// TODO later")]
    [InlineData("// FIXME")]
    [InlineData("#region A")]
    [InlineData("throw new NotImplementedException();")]
    [InlineData("Thread.Sleep(1);")]
    [InlineData("/// <summary>Gets or sets the name.</summary>")]
    [InlineData("var a = \"/home/me/data\";")]
    [InlineData("var a = @\"C:\\Users\\me\";")]
    [InlineData("// see ../shared/notes")]
    [InlineData("// https://api.nuget.org/v3/index.json")]
    public void A_banned_word_is_found(string code) => Assert.Single(WordRule.Check(Code(code)));

    [Theory]
    [InlineData("var a = \"/v1/topics/work/records\";")]
    [InlineData("// https://example.org/home/page")]
    [InlineData("await Task.Delay(1, time);")]
    public void A_word_that_looks_like_a_banned_one_is_left_alone(string code) =>
        Assert.Empty(WordRule.Check(Code(code)));

    [Theory]
    [InlineData("Kappa.Log", "<ProjectReference Include='../Kappa.Tables/Kappa.Tables.csproj' />")]
    [InlineData("Kappa.Server", "<ProjectReference Include='..\\Kappa.Cli\\Kappa.Cli.csproj' />")]
    [InlineData("Kappa.Connect.Kafka", "<ProjectReference Include='../Kappa.Server/Kappa.Server.csproj' />")]
    [InlineData("Kappa.Streams", "<PackageReference Include='Polly' />")]
    [InlineData("Kappa.Streams", "<ProjectReference Include='../Kappa.Analyzers/Kappa.Analyzers.csproj' />")]
    [InlineData("Kappa.Newcomer", "")]
    public void A_reference_against_the_table_is_found(string name, string item) =>
        Assert.Contains("Think before", Assert.Single(ReferenceRule.Check(Project(name, item))).Text);

    [Theory]
    [InlineData("Kappa.Streams", "<ProjectReference Include='../Kappa.Tables/Kappa.Tables.csproj' />")]
    [InlineData("Kappa.Connect.Kafka", "<ProjectReference Include='../Kappa.Streams/Kappa.Streams.csproj' />")]
    [InlineData("Kappa.Streams", "<ProjectReference Include='../Kappa.X.csproj' ReferenceOutputAssembly='false' />")]
    [InlineData("Kappa.Tables", "<PackageReference Include='Microsoft.Data.Sqlite' />")]
    [InlineData("Kappa.Cli", "<PackageReference Include='System.CommandLine' />")]
    public void A_reference_of_the_table_is_left_alone(string name, string item) =>
        Assert.Empty(ReferenceRule.Check(Project(name, item)));

    [Fact]
    public void Folders_that_use_each_other_are_found()
    {
        var a = new SourceText("src/Kappa.Log/A/X.cs", "using Kappa.Log.B;");
        var b = new SourceText("src/Kappa.Log/B/Y.cs", "using Kappa.Log.C;");
        var c = new SourceText("src/Kappa.Log/C/Z.cs", "using Kappa.Log.A;");
        var inner = new SourceText("src/Kappa.Log/A/D/W.cs", "using Kappa.Log.A;");
        var root = new SourceText("src/Kappa.Log/V.cs", "using Kappa.Log.A;");

        Assert.Equal(3, LayerRule.Check([a, b, c]).Count());
        Assert.Empty(LayerRule.Check([a, b, inner, root]));
    }

    [Fact]
    public void An_operators_name_in_the_engine_is_found()
    {
        SourceText distinct = new("src/Kappa.Streams/Operators/Distinct.cs", "class Distinct { int Seen; }");

        Assert.Single(LayerRule.Check([distinct, new("src/Kappa.Streams/Runtime/A.cs", "class A { Distinct b; }")]));
        Assert.Empty(LayerRule.Check([distinct, new("src/Kappa.Streams/Runtime/A.cs", "class A { int Seen; }")]));
        Assert.Empty(LayerRule.Check([distinct, new("src/Kappa.Streams/Runtime/A.cs", "// A Distinct comment\n")]));
    }

    [Theory]
    [InlineData("no title")]
    [InlineData("# one\n# two")]
    [InlineData("# a\n[b](nowhere.md)")]
    [InlineData("# a\n[b](../nowhere.md#c)")]
    [InlineData("# a\n```csharp\nvar a = 1;\n```")]
    [InlineData("# a\n<!-- snippet: s.cs#none -->\n```csharp\nvar a = 1;\n```")]
    [InlineData("# a\n<!-- snippet: s.cs#part -->\n```csharp\nvar a = 2;\n```")]
    public void A_page_that_breaks_its_rule_is_found(string text) => Assert.Single(CheckPage(text));

    [Theory]
    [InlineData("# a\n```sh\n# not a title\n[b](nowhere.md)\n```")]
    [InlineData("# a\n[b](other.md#c) [d](https://example.org/x.md) [e](#a) [f](../s.cs)")]
    [InlineData("# a\n<!-- snippet: s.cs#part -->\n```csharp\nvar a = 1;\n    var b = 2;\n```")]
    public void A_page_that_keeps_its_rule_is_left_alone(string text) => Assert.Empty(CheckPage(text));

    private static IEnumerable<Violation> CheckPage(string text) => MarkdownRule.Check(
        new SourceText("docs/page.md", text),
        path => path is "docs/other.md" or "s.cs",
        path => path == "s.cs" ? "x\n    // <part>\n    var a = 1;\n        var b = 2;\n    // </part>\n" : null);

    private static SourceText Code(string code) => new("src/Kappa.Log/Planted.cs", code);

    private static SourceText Project(string name, string item) =>
        new($"src/{name}/{name}.csproj", $"<Project><ItemGroup>{item}</ItemGroup></Project>");

    private static string Lines(int count) => string.Concat(Enumerable.Repeat("\n", count - 1)) + "//\n";
}
