import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Form from "@cloudscape-design/components/form";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Textarea from "@cloudscape-design/components/textarea";
import { useState } from "react";
import type { Schemas } from "../api/client";
import { ErrorAlert } from "../components/error-alert";
import { type Field, type PastedRequest, type VerificationResult, verify } from "./signature";
import { ResultText } from "./verification-result";

const EMPTY: PastedRequest = { target: "", id: "", timestamp: "", signature: "" };

/** Judges a request that somebody received, with the workspace's secrets, in the browser. */
export function VerifyForm({ secrets }: { secrets: Schemas["SecretBody"] }) {
  const [pasted, setPasted] = useState(EMPTY);
  const [verdict, setVerdict] = useState<{ is: VerificationResult; at: number }>();
  const [error, setError] = useState<unknown>();

  const change =
    (field: Field) =>
    ({ detail }: { detail: { value: string } }) => {
      setPasted({ ...pasted, [field]: detail.value });
      // What was said is not about this any more.
      setVerdict(undefined);
    };
  const check = async () => {
    setError(undefined);
    try {
      const all = [secrets.secret, ...secrets.previous.map(({ secret }) => secret)];
      setVerdict({ is: await verify(pasted, all), at: Date.now() });
    } catch (error) {
      setError(error);
    }
  };
  const problems = verdict?.is.kind === "malformed" ? verdict.is.problems : {};

  return (
    <form
      aria-label="Verify a request"
      onSubmit={(event) => {
        event.preventDefault();
        check();
      }}
    >
      <Container
        header={
          <Header
            variant="h2"
            description="Paste what a receiver got. It is judged in this browser with the secrets above; nothing is sent"
          >
            Verify a request
          </Header>
        }
      >
        <Form
          actions={
            <SpaceBetween direction="horizontal" size="xs">
              <Button
                formAction="none"
                variant="link"
                onClick={() => {
                  setPasted(EMPTY);
                  setVerdict(undefined);
                }}
              >
                Clear
              </Button>
              <Button variant="primary">Verify</Button>
            </SpaceBetween>
          }
        >
          <SpaceBetween size="l">
            <FormField
              stretch
              label="Request target"
              description="Path and query as they stand in the request line, or the whole URL"
              errorText={problems.target}
            >
              <Textarea
                rows={2}
                spellcheck={false}
                value={pasted.target}
                onChange={change("target")}
                placeholder="/instanceCreated?instanceID=…&processName=…&eventType=created"
              />
            </FormField>
            <FormField label="webhook-id" errorText={problems.id}>
              <Input spellcheck={false} autoComplete={false} value={pasted.id} onChange={change("id")} />
            </FormField>
            <FormField label="webhook-timestamp" errorText={problems.timestamp}>
              <Input
                spellcheck={false}
                autoComplete={false}
                inputMode="numeric"
                value={pasted.timestamp}
                onChange={change("timestamp")}
              />
            </FormField>
            <FormField stretch label="webhook-signature" errorText={problems.signature}>
              <Textarea
                rows={2}
                spellcheck={false}
                value={pasted.signature}
                onChange={change("signature")}
                placeholder="v1,…"
              />
            </FormField>
            {error !== undefined && <ErrorAlert error={error} />}
            {verdict && <ResultText verdict={verdict.is} at={verdict.at} secrets={secrets} />}
          </SpaceBetween>
        </Form>
      </Container>
    </form>
  );
}
