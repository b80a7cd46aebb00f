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

/** Verifies a received request with the workspace's secrets, in the browser. */
export function VerifyForm({ secrets }: { secrets: Schemas["SigningSecret"] }) {
  const [pasted, setPasted] = useState(EMPTY);
  const [verified, setVerified] = useState<{ result: VerificationResult; at: number }>();
  const [error, setError] = useState<unknown>();

  const edit = (edited: PastedRequest) => {
    setPasted(edited);
    // The result shown belongs to the request before this edit.
    setVerified(undefined);
  };
  const input = (field: Field) => ({
    spellcheck: false,
    value: pasted[field],
    onChange: ({ detail }: { detail: { value: string } }) => edit({ ...pasted, [field]: detail.value }),
  });
  const check = async () => {
    setError(undefined);
    try {
      const all = [secrets.secret, ...secrets.previous.map(({ secret }) => secret)];
      setVerified({ result: await verify(pasted, all), at: Date.now() });
    } catch (error) {
      setError(error);
    }
  };
  const problems = verified?.result.kind === "malformed" ? verified.result.problems : {};

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
            description="Paste a request that a receiver got. Checked in your browser with the secrets above; nothing is sent"
          >
            Verify a request
          </Header>
        }
      >
        <Form
          actions={
            <SpaceBetween direction="horizontal" size="xs">
              <Button formAction="none" variant="link" onClick={() => edit(EMPTY)}>
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
              description="Path and query as in the request line, or the whole URL"
              errorText={problems.target}
            >
              <Textarea
                {...input("target")}
                rows={2}
                placeholder="/instanceCreated?instanceID=…&processName=…&eventType=created"
              />
            </FormField>
            <FormField label="webhook-id" errorText={problems.id}>
              <Input {...input("id")} autoComplete={false} />
            </FormField>
            <FormField label="webhook-timestamp" errorText={problems.timestamp}>
              <Input {...input("timestamp")} autoComplete={false} inputMode="numeric" />
            </FormField>
            <FormField stretch label="webhook-signature" errorText={problems.signature}>
              <Textarea {...input("signature")} rows={2} placeholder="v1,…" />
            </FormField>
            {error !== undefined && <ErrorAlert error={error} />}
            {verified && <ResultText result={verified.result} at={verified.at} secrets={secrets} />}
          </SpaceBetween>
        </Form>
      </Container>
    </form>
  );
}
