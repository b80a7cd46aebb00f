import Box from "@cloudscape-design/components/box";
import CopyToClipboard from "@cloudscape-design/components/copy-to-clipboard";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Tabs from "@cloudscape-design/components/tabs";
import TextContent from "@cloudscape-design/components/text-content";
import document from "../../../docs/receivers.md?raw";
import { type Receiver, receiversOf } from "./receivers";

const RECEIVERS = receiversOf(document);

/** Explains the setup of callbacks and shows example receivers. */
export function HelpOnReceivers() {
  return (
    <SpaceBetween size="s">
      <TextContent>
        <ol>
          <li>Enable the event types that you need.</li>
          <li>Enter the URLs to call, one per line. Each can be tested before it is saved.</li>
          <li>Press OK. From then on, each change of an instance calls its URLs at once.</li>
        </ol>
        <h3>How to respond</h3>
        <ul>
          <li>
            Any 2xx within 10 seconds: acknowledged. Respond first and process afterwards: to an endpoint that
            regularly takes longer than 250 ms, events come a moment later, from its backlog.
          </li>
          <li>410: do not call this URL again. The endpoint is disabled.</li>
          <li>
            No response, 5xx or 429: missed. The event is retried after 0.2 s, 1 s, 5 s, 30 s and so on, and
            later events of the same instance wait for it.
          </li>
          <li>
            Any other 4xx or 3xx: rejected. The event is attempted three times, a second apart, then deferred
            and retried for a day. Redirects are not followed.
          </li>
        </ul>
        <p>
          The same event can come twice; it has the same <code>webhook-id</code> then. Deliveries lists what
          was not acknowledged, with the reason.
        </p>
        <h3>A receiver to copy</h3>
        <p>
          It rejects requests that are not signed with its endpoint's secret, which it reads from the
          environment variable <code>WEBHOOK_SECRET</code>. The page of the endpoint shows the secret.
        </p>
      </TextContent>
      <Tabs
        ariaLabel="Language of the receiver"
        i18nStrings={{ scrollLeftAriaLabel: "Scroll left", scrollRightAriaLabel: "Scroll right" }}
        tabs={RECEIVERS.map((receiver) => ({
          id: receiver.language,
          label: receiver.language,
          content: <Example receiver={receiver} />,
        }))}
      />
    </SpaceBetween>
  );
}

function Example({ receiver: { language, description, code } }: { receiver: Receiver }) {
  return (
    <SpaceBetween size="xs">
      <TextContent>
        <p>{withCode(description)}</p>
      </TextContent>
      <CopyToClipboard
        variant="button"
        copyButtonText="Copy"
        copyButtonAriaLabel={`Copy the receiver in ${language}`}
        copySuccessText="Copied"
        copyErrorText="The browser blocked the copy"
        textToCopy={code}
      />
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrollable region must be reachable by keyboard */}
      <section className="code" tabIndex={0} aria-label={`Receiver in ${language}`}>
        <Box variant="pre" fontSize="body-s">
          {code}
        </Box>
      </section>
    </SpaceBetween>
  );
}

/** Renders text between backticks as code. */
function withCode(description: string) {
  return description.split("`").map((part, index) =>
    // biome-ignore lint/suspicious/noArrayIndexKey: the parts of a constant text
    index % 2 === 1 ? <code key={index}>{part}</code> : part,
  );
}
