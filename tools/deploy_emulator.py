"""The whole stack on an emulator of AWS, for a tour: prints its addresses, how to configure it and how to create an
event.

Prints every callback to its receiver on arrival. Ctrl-C removes everything.
"""

import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from emulator import PASSWORD, REGION, ROOT_USER, Emulator, Failed

ADMINISTRATOR = "administrator@example.com"

TOUR = """
Instance Webhooks is deployed on an emulator of AWS at {endpoint}

  API               {api}
  table             {table}
  deliveries        {deliveries}
  your application  {receiver}

{administrator} is an administrator of the workspace default. Sign in, for 15 minutes:

  TOKEN=$(curl -s {endpoint} --user {root} --aws-sigv4 aws:amz:{region}:cognito-idp \\
    -H 'content-type: application/x-amz-json-1.1' -H 'x-amz-target: AWSCognitoIdentityProviderService.AdminInitiateAuth' \\
    -d '{{"UserPoolId": "{pool}", "ClientId": "{client}", "AuthFlow": "ADMIN_USER_PASSWORD_AUTH",
         "AuthParameters": {{"USERNAME": "{administrator}", "PASSWORD": "{password}"}}}}' \\
    | sed 's/.*"IdToken": *"\\([^"]*\\)".*/\\1/')

Call your application when an instance is created, and when one is deleted:

  curl -X PUT {api}/v1/workspaces/default/callbacks -H "Authorization: Bearer $TOKEN" -H 'content-type: application/json' \\
    -d '{{"created": {{"enabled": true, "urls": "{receiver}/created"}}, "deleted": {{"enabled": true, "urls": "{receiver}/gone"}}}}'

Create an instance:

  curl {endpoint} --user {root} --aws-sigv4 aws:amz:{region}:dynamodb -H 'content-type: application/x-amz-json-1.0' \\
    -H 'x-amz-target: DynamoDB_20120810.PutItem' \\
    -d '{{"TableName": "{table}", "Item": {{"instanceID": {{"S": "order-1"}}, "processName": {{"S": "Order"}}}}}}'

Delete it: the same with DynamoDB_20120810.DeleteItem and "Key": {{"instanceID": {{"S": "order-1"}}}} in place of "Item".

What your application is told appears below. Ctrl-C ends the tour.
"""


class Receiver(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(204)
        self.end_headers()
        print(f"  ← GET {self.path}  (webhook-id {self.headers['webhook-id']})", flush=True)

    def log_message(self, *_):
        pass


def tour():
    print("Starting the emulator and deploying (15 s)…", flush=True)
    receiver = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    threading.Thread(target=receiver.serve_forever, daemon=True).start()
    with Emulator() as emulator:
        stack = emulator.deploy("instance-webhooks")
        stack.invite(ADMINISTRATOR, "default", "Administrator")
        print(
            TOUR.format(
                endpoint=emulator.endpoint,
                api=stack.outputs["ApiAddress"],
                table=stack.outputs["InstancesTableName"],
                deliveries=stack.outputs["DeliveriesTableName"],
                receiver=f"http://127.0.0.1:{receiver.server_port}",
                administrator=ADMINISTRATOR,
                password=PASSWORD,
                pool=stack.outputs["UserPoolId"],
                client=stack.outputs["SignInClientId"],
                root=f"{ROOT_USER.access_key}:{ROOT_USER.secret_key}",
                region=REGION,
            ),
            flush=True,
        )
        emulator.process.wait()
        raise Failed(f"the emulator ended:\n{emulator.log.read_text()[-2000:]}")


if __name__ == "__main__":
    try:
        tour()
    except KeyboardInterrupt:
        print()
    except Failed as failure:
        sys.exit(f"deploy-emulator: {failure}")
