import Box from "@cloudscape-design/components/box";
import type { Endpoint } from "./condition";
import { damageWords } from "./damage";

/** What is damaged of an endpoint's record, what it means and what to do; nothing where it can be read. */
export function DamageNote({ endpoint: { health } }: { endpoint: Endpoint }) {
  if (health.state !== "damaged") {
    return null;
  }
  const { what, meaning, todo } = damageWords(health.attributes);
  return (
    <Box variant="small" color="text-body-secondary" display="block">
      {what} {meaning} {todo}
    </Box>
  );
}
