namespace Assay.Schemas;

/// <summary>The names of the topics that Assay's processes share.</summary>
public static class Topics
{
    /// <summary>Key: pair; value: Avro <see cref="ContractPrice"/>; timestamp: updated_at.</summary>
    public const string Contracts = "contracts";

    /// <summary>Key: pair; value: Avro <see cref="ApiPrice"/>; timestamp: observed_at.</summary>
    public const string Apis = "apis";

    /// <summary>Key: pair; value: JSON of <see cref="Accuracy"/>; timestamp: at.</summary>
    public const string Accuracy = "accuracy";

    /// <summary>Key and value as received; what happened is in the headers of <see cref="DeadLetter"/>; timestamp: time of rejection.</summary>
    public const string DeadLetters = "dead-letters";
}
