process.stderr.write("herald: no command is there yet\n");
process.exitCode = 2;
