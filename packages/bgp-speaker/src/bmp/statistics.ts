import type { ByteReader, ByteWriter } from "@herald-lb/sansio";
import type { Family } from "../family.ts";

/** One statistic of RFC 7854 §4.8; its type says what it counts (`StatisticType`). */
export type Statistic =
  /** 32 bits. */
  | { readonly form: "Counter"; readonly code: number; readonly value: number }
  /** 64 bits. */
  | { readonly form: "Gauge"; readonly code: number; readonly value: bigint }
  /** 64 bits, for one family. */
  | { readonly form: "FamilyGauge"; readonly code: number; readonly family: Family; readonly value: bigint }
  /** One of another length; from a decoder a view of the message. */
  | { readonly form: "Unknown"; readonly code: number; readonly value: Uint8Array };

/** Statistics of an Adj-RIB-Out, RFC 8671 §6. */
export const StatisticType: {
  readonly AdjRibOutPrePolicyRoutes: 14;
  readonly AdjRibOutPostPolicyRoutes: 15;
  readonly FamilyAdjRibOutPrePolicyRoutes: 16;
  readonly FamilyAdjRibOutPostPolicyRoutes: 17;
} = {
  AdjRibOutPrePolicyRoutes: 14,
  AdjRibOutPostPolicyRoutes: 15,
  FamilyAdjRibOutPrePolicyRoutes: 16,
  FamilyAdjRibOutPostPolicyRoutes: 17,
};

/** Octets of each form. */
const LENGTH = { Counter: 4, Gauge: 8, FamilyGauge: 11 } as const;

/** Reads the statistics of a report. */
export function readStatistics(reader: ByteReader): readonly Statistic[] {
  const statistics: Statistic[] = [];
  for (let left = reader.u32(); left > 0; left--) statistics.push(readStatistic(reader));
  return statistics;
}

function readStatistic(reader: ByteReader): Statistic {
  const code = reader.u16();
  const length = reader.u16();
  switch (length) {
    case LENGTH.Counter:
      return { form: "Counter", code, value: reader.u32() };
    case LENGTH.Gauge:
      return { form: "Gauge", code, value: reader.u64() };
    case LENGTH.FamilyGauge: {
      const family = { afi: reader.u16(), safi: reader.u8() };
      return { form: "FamilyGauge", code, family, value: reader.u64() };
    }
    default:
      return { form: "Unknown", code, value: reader.octets(length) };
  }
}

/** Writes the statistics of a report. */
export function writeStatistics(writer: ByteWriter, statistics: readonly Statistic[]): void {
  writer.u32(statistics.length);
  for (const statistic of statistics) {
    writer.u16(statistic.code);
    writer.u16(statistic.form === "Unknown" ? statistic.value.length : LENGTH[statistic.form]);
    if (statistic.form === "Counter") writer.u32(statistic.value);
    else if (statistic.form === "Unknown") writer.octets(statistic.value);
    else {
      if (statistic.form === "FamilyGauge") {
        writer.u16(statistic.family.afi);
        writer.u8(statistic.family.safi);
      }
      writer.u64(statistic.value);
    }
  }
}
