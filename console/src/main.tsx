import "@cloudscape-design/global-styles/index.css";
import "./base.css";
import "./shell/history-guard";
import { I18nProvider } from "@cloudscape-design/components/i18n";
import messages from "@cloudscape-design/components/i18n/messages/all.en";
import { QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { BrowserRouter } from "react-router";
import { queryClient } from "./api/client";
import { App } from "./app";
import { ErrorAlert } from "./components/error-alert";
import { loadConfig } from "./config";
import { startTheme } from "./shell/theme";

const container = document.getElementById("root");
if (!container) {
  throw new Error("index.html has no element with the id root");
}
const root = createRoot(container);
startTheme();
loadConfig().then(
  (config) =>
    root.render(
      <StrictMode>
        <I18nProvider locale="en" messages={[messages]}>
          <QueryClientProvider client={queryClient}>
            <BrowserRouter>
              <App config={config} />
            </BrowserRouter>
          </QueryClientProvider>
        </I18nProvider>
      </StrictMode>,
    ),
  (error) => root.render(<ErrorAlert error={error} onRetry={() => location.reload()} />),
);
