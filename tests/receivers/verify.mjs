// Verifies requests with npm's standardwebhooks: reads {secret, requests: [{target, headers}]}, prints true or false for each.
import { text } from "node:stream/consumers";
import { Webhook, WebhookVerificationError } from "standardwebhooks";

const { secret, requests } = JSON.parse(await text(process.stdin));
const webhook = new Webhook(secret);
const verdicts = requests.map(({ target, headers }) => {
  try {
    webhook.verify(target, headers, { jsonParse: false });
    return true;
  } catch (error) {
    if (error instanceof WebhookVerificationError) return false;
    throw error;
  }
});
console.log(JSON.stringify(verdicts));
