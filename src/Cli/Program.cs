return await Assay.Cli.CommandLine.RunAsync(args);
