import type { ConformanceRow, Verdict } from "./conformance-row.ts";

/** The table of `docs/conformance/metallb-allocation.md`, in the order of the sections. */
export function conformanceReport(rows: readonly ConformanceRow[]): string {
  const sorted = rows.toSorted((a, b) => numberOf(a.section) - numberOf(b.section));
  const count = (verdict: Verdict): number => rows.filter((row) => row.verdict === verdict).length;
  const lines = [
    "# MetalLB's configuration and allocation, row by row",
    "",
    "Herald's behaviour for each rule by which MetalLB reads its configuration and assigns addresses. The rules and",
    "their sections are those of [what MetalLB does](metallb-behaviour.md). Every row that is `same` or `better` is a test.",
    "`packages/k8s-glue/conformance/coverage.test.ts` writes this page from the rows beside it; to write it again:",
    "`pnpm vitest run --project unit packages/k8s-glue/conformance -u`.",
    "",
    `${rows.length} rows: ${count("same")} the same, ${count("better")} better, ${count("not applicable")} not applicable.`,
  ];
  for (const [section, of] of Map.groupBy(sorted, (row) => row.section)) {
    lines.push("", `## ${section} ${titles[section] ?? ""}`.trimEnd(), "", "| row | verdict | why |", "|---|---|---|");
    for (const { row, case: which, verdict, why } of of) {
      const words = which === undefined ? row : `${row} (${which})`;
      lines.push(`| ${cell(words)} | ${verdict} | ${cell(why)} |`);
    }
  }
  return `${lines.join("\n")}\n`;
}

const titles: Readonly<Record<string, string>> = {
  "§2.1": "IPAddressPool",
  "§2.2": "L2Advertisement",
  "§2.3": "BGPPeer",
  "§2.4": "BGPAdvertisement",
  "§2.5": "BFDProfile",
  "§2.6": "Community",
  "§2.7": "Status",
  "§2.8": "Rules of the parser",
  "§2.9": "What the webhooks see",
  "§3": "The old ConfigMap and its converter",
  "§4.1": "State of the allocator",
  "§4.2": "Which address",
  "§4.3": "Which pool",
  "§4.4": "Families",
  "§4.5": "Sharing",
  "§4.6": "Life cycle of a Service",
  "§4.7": "Restart and convergence",
  "§4.8": "Annotations",
  "§4.9": "loadBalancerClass",
  "§4.10": "Events",
  "§4.11": "Texts of refusals",
  "§8": "Reload, of the controller",
  "§9.1": "MetalLB's own tables, of the controller and the allocator",
  "§10.5": "MetalLB's faults, of the controller",
};

/** "§4.11" after "§4.9". */
function numberOf(section: string): number {
  const [chapter = "0", paragraph = "0"] = section.slice(1).split(".");
  return Number(chapter) * 1000 + Number(paragraph);
}

function cell(text: string): string {
  return text.trim().replaceAll(" | ", " · ").replaceAll("|", "\\|").replaceAll("<", "&lt;");
}
