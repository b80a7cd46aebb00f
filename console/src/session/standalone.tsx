import Box from "@cloudscape-design/components/box";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { type ReactNode, useLayoutEffect } from "react";
import { removeFrame, removeFrameDialog } from "../frame/frame";

/** Shows a page without the shell, for users without a session. */
export function Standalone({ title, children }: { title: string; children: ReactNode }) {
  useLayoutEffect(() => {
    removeFrame();
    removeFrameDialog();
  }, []);
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
