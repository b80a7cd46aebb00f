import type { Plugin } from "vite";

const FUNNEL = "@cloudscape-design/components/internal/analytics/components/analytics-funnel.js";

/** The components of the funnel, without what they record. The context of each stays the default one. */
const EMPTY_FUNNEL = `
import { useContext } from "react";
import { FunnelContext, FunnelStepContext, FunnelSubStepContext } from "../context/analytics-context";

const show = (Context) => ({ children }) => {
  const value = useContext(Context);
  return typeof children === "function" ? children(value) : children;
};

export const AnalyticsFunnel = show(FunnelContext);
export const AnalyticsFunnelStep = show(FunnelStepContext);
export const AnalyticsFunnelSubStep = show(FunnelSubStepContext);
export const CREATION_EDIT_FLOW_DONE_EVENT_NAME = "awsui-creation-edit-flow-done";
`;

/**
 * Leaves out what records how far users get in a form. The console sends that nowhere, and each container of it has a
 * context that is new at each render: all links inside are rendered again.
 */
export function withoutAnalytics(): Plugin {
  let found = false;
  return {
    name: "without-analytics",
    enforce: "pre",
    load(id) {
      if (!id.endsWith(FUNNEL)) {
        return undefined;
      }
      found = true;
      return EMPTY_FUNNEL;
    },
    buildEnd(error) {
      if (!error && !found) {
        throw new Error(`the build no longer includes ${FUNNEL}`);
      }
    },
  };
}
