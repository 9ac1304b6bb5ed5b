using System.Reflection;
using System.Text.Json.Nodes;
using Assay.Broker.Internal.Requests;
using Assay.Broker.Internal.Wire;

namespace Assay.Conformance.Tests.Broker;

/// <summary>Our descriptions of the messages against Apache Kafka's, field by field in every version that is served.</summary>
public sealed class DefinitionTests
{
    public static IEnumerable<TheoryDataRow<string>> Requests => Clusters.ComparedWithApache(RequestTable.All.Select(handler => new TheoryDataRow<string>(handler.Name)));

    [Theory, MemberData(nameof(Requests))]
    public void Message_has_the_fields_that_Apache_Kafka_says(string name)
    {
        RequestHandler handler = RequestTable.All.Single(each => each.Name == name);
        foreach (string kind in (string[])["Request", "Response"])
        {
            JsonNode definition = MessageDefinitions.Find(name + kind);
            for (short version = handler.Lowest; version <= handler.Highest; version++)
            {
                ShapeReader ours = new(version);
                Make(name + kind).Visit(ours);
                Assert.True(MessageDefinitions.Holds((string)definition["validVersions"]!, version), $"{name} {version} is no version of Apache Kafka's.");
                Assert.Equal(MessageDefinitions.Holds((string)definition["flexibleVersions"]!, version), handler.IsFlexible(version));
                Assert.Equal(Text(MessageDefinitions.Shape(definition, version), handler, version), Text(ours.Shape, handler, version));
            }
        }
    }

    /// <summary>A client that Apache Kafka's code reads for breaks where it gets a null that is not allowed in its version.</summary>
    [Theory, MemberData(nameof(Requests))]
    public void Response_turns_nulls_that_its_version_does_not_allow_into_empty_strings(string name)
    {
        RequestHandler handler = RequestTable.All.Single(each => each.Name == name);
        List<string> wrong = [];
        for (short version = handler.Lowest; version <= handler.Highest; version++)
        {
            IMessage response = Make(name + "Response");
            response.Visit(new ShapeReader(version));
            Compare(response, MessageDefinitions.Find(name + "Response")["fields"]!.AsArray(), version, wrong);
        }
        Assert.Empty(wrong);
    }

    private static void Compare(IMessage message, JsonArray fields, short version, List<string> wrong)
    {
        foreach (FieldInfo field in message.GetType().GetFields(BindingFlags.Instance | BindingFlags.Public))
        {
            if (fields.FirstOrDefault(each => (string)each!["name"]! == field.Name) is not { } definition || !MessageDefinitions.Holds((string)definition["versions"]!, version))
                continue;
            if (field.GetValue(message) is null && !MessageDefinitions.Holds((string?)definition["nullableVersions"], version))
                wrong.Add($"{message.GetType().Name}.{field.Name} in version {version}");
            if (field.GetValue(message) is IMessage[] and [IMessage element, ..] && definition["fields"] is JsonArray inner)
                Compare(element, inner, version, wrong);
        }
    }

    /// <summary>Where a structure ends shows in flexible versions only.</summary>
    private static string Text(List<string> shape, RequestHandler handler, short version) =>
        string.Join(' ', shape.Where(type => type != "end" || handler.IsFlexible(version)));

    private static IMessage Make(string name) => (IMessage)Activator.CreateInstance(typeof(RequestTable).Assembly.GetType($"Assay.Broker.Internal.Messages.{name}", throwOnError: true)!)!;
}
