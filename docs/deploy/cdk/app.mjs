// A release of Instance Webhooks in an application of the AWS CDK. docs/deploy/README.md has the steps before it.

import { App, CfnOutput, Stack } from "aws-cdk-lib";
import { CfnInclude } from "aws-cdk-lib/cloudformation-include";

const { RELEASE, ARTIFACT_BUCKET, INSTANCE_STREAM_ARN = "", ALARM_EMAIL = "" } = process.env;
if (!RELEASE || !ARTIFACT_BUCKET) {
  throw new Error("RELEASE is the release's folder on this machine, ARTIFACT_BUCKET the bucket that it was copied to");
}

const stack = new Stack(new App(), "InstanceWebhooks");
const webhooks = new CfnInclude(stack, "Release", {
  templateFile: `${RELEASE}/template.json`,
  parameters: {
    ArtifactBucket: ARTIFACT_BUCKET,
    InstanceStreamArn: INSTANCE_STREAM_ARN,
    AlarmEmail: ALARM_EMAIL,
  },
});

// Its resources are those of the application, to be referred to and changed.
new CfnOutput(stack, "FanoutFunction", { value: webhooks.getResource("FanoutFunction").ref });
