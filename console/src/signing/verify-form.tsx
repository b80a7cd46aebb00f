import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Form from "@cloudscape-design/components/form";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Textarea from "@cloudscape-design/components/textarea";
import { useState } from "react";
import type { Schemas } from "../api/client";
import { ErrorAlert } from "../components/error-alert";
import { nameOf } from "../endpoints/names";
import { useEndpoints } from "../endpoints/use-endpoints";
import { useWorkspace } from "../workspace";
import { allSecrets, readSecret } from "./read-secret";
import { type Field, type PastedRequest, type VerificationResult, verify } from "./signature";
import { ResultText } from "./verification-result";

const EMPTY: PastedRequest = { target: "", id: "", timestamp: "", signature: "" };

interface Verified {
  result: VerificationResult;
  at: number;
  secrets: Schemas["SigningSecret"];
}

/** Verifies a received request with the secrets of the endpoint that got it, in the browser. */
export function VerifyForm() {
  const { workspace } = useWorkspace();
  const endpoints = useEndpoints({ live: false }).data?.endpoints ?? [];
  const [chosen, setChosen] = useState<string>();
  const [pasted, setPasted] = useState(EMPTY);
  const [verified, setVerified] = useState<Verified>();
  const endpoint = endpoints.find(({ endpointID }) => endpointID === chosen) ?? endpoints[0];
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
    if (!endpoint) {
      return;
    }
    try {
      const secrets = await readSecret(workspace, endpoint.endpointID);
      setVerified({ result: await verify(pasted, allSecrets(secrets)), at: Date.now(), secrets });
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
            description="Paste a request that a receiver got. Checked in your browser with the endpoint's secret; nothing is sent"
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
              <Button variant="primary" disabled={!endpoint}>
                Verify
              </Button>
            </SpaceBetween>
          }
        >
          <SpaceBetween size="l">
            <FormField stretch label="Endpoint" description="The URL that was called">
              <Select
                selectedOption={endpoint ? optionOf(endpoint) : null}
                options={endpoints.map(optionOf)}
                filteringType="auto"
                placeholder="Choose a URL"
                empty="No URL is configured"
                onChange={({ detail }) => {
                  setChosen(detail.selectedOption.value);
                  setVerified(undefined);
                }}
              />
            </FormField>
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
            {verified && <ResultText result={verified.result} at={verified.at} secrets={verified.secrets} />}
          </SpaceBetween>
        </Form>
      </Container>
    </form>
  );
}

const optionOf = (endpoint: Schemas["Endpoint"]) => ({ value: endpoint.endpointID, label: nameOf(endpoint) });
