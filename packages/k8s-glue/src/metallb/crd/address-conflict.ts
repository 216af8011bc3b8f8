import * as z from "zod";
import type { FieldsOf } from "./schema.ts";

/** The fields of a conflict in a ServiceL2Status and in a ConfigurationState. */
export const conflictFields = {
  address: z.string().meta({ description: "Address of the Service." }),
  hardwareAddress: z.string().meta({ description: "Hardware address of the other station." }),
  interface: z.string().meta({ description: "Interface on which the node hears it." }),
};

/** Schema of one conflict in the status of a speaker's ConfigurationState. */
export const reportedConflict = z.object({
  ...conflictFields,
  announcedElsewhere: z.boolean().exactOptional().meta({
    description:
      "True where the node announces the address, or probes it, on another interface that is on its subnet, or on any other where none is.",
  }),
});

/** Another station that has an address which the node of a speaker does not announce for that, as the speaker reports it. */
export type ReportedConflict = FieldsOf<typeof reportedConflict>;
