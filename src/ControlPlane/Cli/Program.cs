using ControlPlane.Cli;

return await KcpCommand.RunAsync(args, CliConsole.OfProcess(), CancellationToken.None);
