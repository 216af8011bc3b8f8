/** Appends its standard input to the file that its argument names: the process that ExaBGP tells what it hears. */
import { createWriteStream } from "node:fs";

process.stdin.pipe(createWriteStream(process.argv[2] ?? "", { flags: "a" }));
