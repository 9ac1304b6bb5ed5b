namespace Assay.Demo.Market;

/// <summary>A response as the market's journal keeps it.</summary>
/// <param name="At">When it was about to be sent, UTC.</param>
/// <param name="Path">Path and query of the request.</param>
/// <param name="Status">HTTP status.</param>
/// <param name="Body">The body, before any compression.</param>
public sealed record ServedResponse(DateTime At, string Path, int Status, string Body);
