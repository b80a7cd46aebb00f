import Box from "@cloudscape-design/components/box";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import type { Schemas } from "../api/client";
import { capitalised } from "../labels/text";
import type { EventType } from "./form";
import "./dialog.css";

/** Shows the settings of one event type. */
export function EventTypeSummary({
  eventType,
  callback,
}: {
  eventType: EventType;
  callback: Schemas["Callback"];
}) {
  const { enabled, urls } = callback;
  return (
    <Container
      header={
        <Header
          variant="h2"
          counter={`(${urls.length})`}
          actions={
            <StatusIndicator type={enabled ? "success" : "stopped"}>{enabled ? "On" : "Off"}</StatusIndicator>
          }
        >
          {capitalised(eventType)}
        </Header>
      }
    >
      {urls.length === 0 ? (
        <Box color="text-status-inactive">
          {enabled ? "On, but without a URL: nothing is called" : "No URL"}
        </Box>
      ) : (
        <ul className="url-list" aria-label={`URLs of ${eventType} callbacks`}>
          {urls.map((url) => (
            <li key={url} className="url">
              {url}
            </li>
          ))}
        </ul>
      )}
    </Container>
  );
}
