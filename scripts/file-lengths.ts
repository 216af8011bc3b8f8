/** The number of lines that no file exceeds. */
export const MOST_LINES = 300;

/** A file that is too long. */
export interface LongFile {
  readonly file: string;
  readonly lines: number;
}

/** The files of more than `MOST_LINES` lines, the longest first. `files` maps a path to source text. */
export function longFiles(files: ReadonlyMap<string, string>): readonly LongFile[] {
  return [...files]
    .map(([file, source]) => ({ file, lines: linesOf(source) }))
    .filter(({ lines }) => lines > MOST_LINES)
    .toSorted((a, b) => b.lines - a.lines);
}

/** A last line counts also where nothing ends it. */
function linesOf(source: string): number {
  const ended = source.split("\n").length - 1;
  return source === "" || source.endsWith("\n") ? ended : ended + 1;
}
