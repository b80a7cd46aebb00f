import TextContent from "@cloudscape-design/components/text-content";
import { capitalised } from "../labels/text";
import type { EventType } from "./form";

const WHEN: Record<EventType, string> = {
  created: "When an instance is created, that is, written for the first time",
  updated: "When an existing instance changes",
  deleted:
    "When an instance is deleted. An expired instance counts as deleted, unless the operator has disabled that",
};

/** Documents the request for an event type: URL, parameters and headers. */
export function HelpOnEvent({ eventType }: { eventType: EventType }) {
  const example = `https://my-service.com/instance${capitalised(eventType)}`;
  return (
    <TextContent>
      <p>{WHEN[eventType]}, each URL gets this request, without a body:</p>
      <pre>
        <code>{`GET {url}?instanceID={instanceID}&processName={processName}&eventType=${eventType}`}</code>
      </pre>
      <p>On its page under Endpoints, a URL can be limited to certain processes, changes and values.</p>
      <h3>Parameters</h3>
      <ul>
        <li>
          <code>instanceID</code>: its ID, for example <code>4711</code>
        </li>
        <li>
          <code>processName</code>: its process, for example <code>Order intake</code>
        </li>
        <li>
          <code>eventType</code>: here always <code>{eventType}</code>
        </li>
      </ul>
      <p>They are percent-encoded. With these values, {example} is called as</p>
      <pre>
        <code>{`GET ${example}?instanceID=4711&processName=Order%20intake&eventType=${eventType}`}</code>
      </pre>
      <p>
        The URL's own query is kept, and the three parameters follow it:{" "}
        <code>?token=abc&amp;instanceID=4711…</code>
      </p>
      <h3>Headers</h3>
      <ul>
        <li>
          <code>webhook-id</code>: the event's ID, the same for every URL and every attempt
        </li>
        <li>
          <code>webhook-timestamp</code>: when this attempt was made, in seconds since 1970
        </li>
        <li>
          <code>webhook-signature</code>: proof of its origin, made with the endpoint's signing secret
        </li>
        <li>
          <code>webhook-attempt</code>: 1 for the first attempt
        </li>
        <li>
          <code>webhook-changed-at</code>: when the instance changed, the same for every attempt
        </li>
        <li>
          <code>user-agent</code>: <code>instance-webhooks/VERSION</code>
        </li>
      </ul>
    </TextContent>
  );
}
