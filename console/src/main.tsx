import "@cloudscape-design/global-styles/index.css";
import "./base.css";
import "./print.css";
import { I18nProvider } from "@cloudscape-design/components/i18n";
import messages from "@cloudscape-design/components/i18n/messages/all.en";
import { QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { RouterProvider } from "react-router";
import { queryClient } from "./api/client";
import { createRouter } from "./app";
import { ErrorAlert } from "./components/error-alert";
import { loadConfig } from "./config";
import { removeFrame, removeFrameDialog } from "./frame/frame";
import { startRecovery } from "./shell/recovery";
import { startTheme } from "./shell/theme";

const container = document.getElementById("root");
if (!container) {
  throw new Error("index.html has no element with the id root");
}
const root = createRoot(container);
startTheme();
startRecovery();
loadConfig().then(
  (config) =>
    root.render(
      <StrictMode>
        <I18nProvider locale="en" messages={[messages]}>
          <QueryClientProvider client={queryClient}>
            <RouterProvider router={createRouter(config)} />
          </QueryClientProvider>
        </I18nProvider>
      </StrictMode>,
    ),
  (error) => {
    removeFrame();
    removeFrameDialog();
    root.render(<ErrorAlert error={error} onRetry={() => location.reload()} />);
  },
);
