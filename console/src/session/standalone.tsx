import Box from "@cloudscape-design/components/box";
import SpaceBetween from "@cloudscape-design/components/space-between";
import type { ReactNode } from "react";

/** Shows a page without the shell, for users without a session. */
export function Standalone({ title, children }: { title: string; children: ReactNode }) {
  return (
    <main className="standalone">
      <Box padding={{ vertical: "xxl", horizontal: "l" }}>
        <SpaceBetween size="l">
          <Box variant="h1">{title}</Box>
          {children}
        </SpaceBetween>
      </Box>
    </main>
  );
}
