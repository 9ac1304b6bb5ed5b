using System.Text.Json;
using Assay.Ingest.Apis.Internal;

namespace Assay.Ingest.Apis;

public sealed class JsonPointerTests
{
    /// <summary>The document of RFC 6901, section 5.</summary>
    private const string Document = """{"foo":["bar","baz"],"":0,"a/b":1,"c%d":2,"e^f":3,"g|h":4,"i\\j":5,"k\"l":6," ":7,"m~n":8}""";

    [Theory]
    [InlineData("", Document)]
    [InlineData("/foo", """["bar","baz"]""")]
    [InlineData("/foo/0", "\"bar\"")]
    [InlineData("/", "0")]
    [InlineData("/a~1b", "1")]
    [InlineData("/c%d", "2")]
    [InlineData("/e^f", "3")]
    [InlineData("/g|h", "4")]
    [InlineData("/i\\j", "5")]
    [InlineData("/k\"l", "6")]
    [InlineData("/ ", "7")]
    [InlineData("/m~0n", "8")]
    public void Pointer_finds_what_the_rfc_says(string pointer, string expected)
    {
        using JsonDocument document = JsonDocument.Parse(Document);
        Assert.Equal(expected, JsonPointer.Parse(pointer)!.Find(document.RootElement)!.Value.GetRawText());
    }

    [Theory]
    [InlineData("/foo/2")]
    [InlineData("/foo/-")]
    [InlineData("/foo/01")]
    [InlineData("/foo/99999999999")]
    [InlineData("/foo/bar")]
    [InlineData("/nothing")]
    [InlineData("/a~1b/c")]
    public void Pointer_to_nothing_finds_nothing(string pointer)
    {
        using JsonDocument document = JsonDocument.Parse(Document);
        Assert.Null(JsonPointer.Parse(pointer)!.Find(document.RootElement));
    }

    [Fact]
    public void Escapes_are_undone_in_the_order_of_the_rfc()
    {
        using JsonDocument document = JsonDocument.Parse("""{"~1":"right","/":"wrong"}""");
        Assert.Equal("right", JsonPointer.Parse("/~01")!.Find(document.RootElement)!.Value.GetString());
    }

    [Theory]
    [InlineData("foo")]
    [InlineData("/~")]
    [InlineData("/~2")]
    [InlineData("$.foo")]
    public void Text_that_is_no_pointer_is_refused(string text) => Assert.Null(JsonPointer.Parse(text));
}
