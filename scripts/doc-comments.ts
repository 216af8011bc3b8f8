import { parseSync, Visitor } from "oxc-parser";

/** A fault of a doc comment. */
export interface CommentFault {
  readonly file: string;
  readonly line: number;
  readonly code: "NoDocComment" | "BeginsWithQuestion" | "Wording" | "MergeMarker";
  /** The export without a comment, or the words that the comment has and should not. */
  readonly names: string;
}

/** A comment begins with the thing it tells of, or with the verb of what it does. */
const QUESTION = /^(?:What|Who|Whom|Whose|Whoever|Whether|How|Where)\b/;
/** Words that hide who acts, or that a reader has to take apart. */
const WORDING = /\b(?:whoever|whatever|whichever|whom|wherever|whosoever)\b/i;

/** A line that git writes where a merge is not finished. Within a comment no compiler finds it. */
const MERGE_MARKER = /^(?:<{7}|>{7})(?: |$)/m;

/** The faults of the doc comments of one file: exports without one, comments that begin with a question word, words that hide who acts, rests of a merge. */
export function commentFaults(file: string, source: string): readonly CommentFault[] {
  const { comments, program } = parseSync(file, source);
  const docs = comments.filter(({ type, value }) => type === "Block" && value.startsWith("*"));
  const ends = new Map(docs.map((doc) => [endOfGap(source, doc.end), doc]));
  const lineOf = (at: number): number => source.slice(0, at).split("\n").length;
  const faults: CommentFault[] = [];
  new Visitor({
    ExportNamedDeclaration({ start, declaration }) {
      if (declaration === null || ends.has(start)) return;
      faults.push({ file, line: lineOf(start), code: "NoDocComment", names: nameOf(source.slice(start)) });
    },
  }).visit(program);
  for (const { start, value } of comments) {
    const text = value.replace(/^\*?[\s*]*/, "").replaceAll(/\n\s*\*/g, " ");
    const question = value.startsWith("*") ? QUESTION.exec(text)?.[0] : undefined;
    if (question !== undefined) faults.push({ file, line: lineOf(start), code: "BeginsWithQuestion", names: question });
    const marker = MERGE_MARKER.exec(value)?.[0];
    if (marker !== undefined) faults.push({ file, line: lineOf(start), code: "MergeMarker", names: marker.trim() });
    const wording = WORDING.exec(text)?.[0];
    if (wording !== undefined) faults.push({ file, line: lineOf(start), code: "Wording", names: wording });
  }
  return faults;
}

function endOfGap(source: string, from: number): number {
  return from + (/^\s*/.exec(source.slice(from))?.[0].length ?? 0);
}

function nameOf(declaration: string): string {
  return /^export (?:declare |abstract |async )*\w+\*? (\w+)/.exec(declaration)?.[1] ?? declaration.slice(0, 40);
}
