import { type Failure, invalid } from "../object/failure.ts";
import { type JsonObject, stringAt } from "../object/json.ts";

/** The 422 for a field of a Service. */
export function refuseField(service: JsonObject, field: string, message: string): Failure {
  const name = stringAt(service, "metadata", "name");
  return invalid("", "Service", name, [{ reason: "FieldValueInvalid", message, field }]);
}
