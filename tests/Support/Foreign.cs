namespace Assay.Tests.Support;

/// <summary>Parts that other people wrote and a test runs against; a test whose part is missing is skipped by name (with CI=true that is a failure).</summary>
public static class Foreign
{
    /// <summary>The path of a program on PATH, or a skip that names it and says how to get it.</summary>
    public static string Program(string name, string mend)
    {
        string? path = Find(name);
        Assert.SkipWhen(path is null, $"{name} is not on this machine: {mend}.");
        return path!;
    }

    /// <summary>The folder of an npm package that <c>./assay test</c> installs, or a skip that names it.</summary>
    public static string NodePackage(string name)
    {
        string folder = Path.Combine(NodeModules, name);
        Assert.SkipUnless(Directory.Exists(folder), $"The npm package {name} is not installed: run the tests with ./assay test, which installs it.");
        return folder;
    }

    /// <summary>The node_modules folder of the packages that tests need.</summary>
    public static string NodeModules => Repository.File(".tools", "test", "node_modules");

    /// <summary>A tool of the Apache Kafka distribution that KAFKA_HOME names, e.g. <c>kafka-topics.sh</c>, or a skip.</summary>
    public static string KafkaTool(string name)
    {
        string? home = Environment.GetEnvironmentVariable("KAFKA_HOME");
        Assert.SkipWhen(string.IsNullOrEmpty(home), "Apache Kafka is not configured: set KAFKA_HOME to an unpacked distribution.");
        string path = Path.Combine(home!, "bin", name);
        Assert.SkipUnless(File.Exists(path), $"KAFKA_HOME={home} has no bin/{name}.");
        return path;
    }

    private static string? Find(string name) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists);
}
