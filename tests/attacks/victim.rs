//! Another caller of the program, and a receiver of its callbacks.

use reqwest::{Client, Response};
use serde_json::json;

use crate::patience::PATIENCE;
use crate::program::{Launch, Program};
use crate::receiver::Receiver;

pub(crate) struct Victim {
    pub(crate) program: Program,
    pub(crate) http: Client,
    receiver: Receiver,
    pub(crate) launch: Launch,
}

impl Victim {
    /// Starts the program on a machine that grants it 256 file descriptors, with a receiver of all events.
    pub(crate) async fn start() -> Self {
        let mut launch = Launch::new(None);
        launch.open_files(256);
        Self::start_by(launch, "127.0.0.1").await
    }

    /// Starts the program as `launch` says, with a receiver of all events at this host, which is this machine.
    pub(crate) async fn start_by(launch: Launch, host: &str) -> Self {
        let program = launch.start().await;
        _ = rustls::crypto::ring::default_provider().install_default();
        // A connection for each call, like a caller that has just arrived.
        let http = Client::builder().no_proxy().timeout(PATIENCE).pool_max_idle_per_host(0).build().expect("a client");
        let receiver = Receiver::healthy().await;
        let url = format!("http://{host}:{}/hook", receiver.address().port());
        let victim = Self { program, http, receiver, launch };
        let (on, off) = (json!({"enabled": true, "urls": [url]}), json!({"enabled": false, "urls": []}));
        let all = json!({"created": on, "updated": off, "deleted": off});
        let put = victim.http.put(victim.api("/v1/workspaces/default/callbacks")).json(&all).send();
        assert_eq!(put.await.expect("an answer").status(), 200);
        let made = victim.http.post(victim.api("/v1/workspaces/default/signing-secret/rotate")).send();
        assert_eq!(made.await.expect("an answer").status(), 200);
        victim
    }

    pub(crate) fn api(&self, path: &str) -> String {
        format!("{}{path}", self.program.api)
    }

    /// Calls the embedded engine, as SDKs do, with these additional headers.
    pub(crate) async fn dynamodb(&self, operation: &str, headers: &[(&str, &str)]) -> Response {
        let credential = "AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/dynamodb/aws4_request, \
            SignedHeaders=host, Signature=0";
        let mut request = self.http.post(&self.program.dynamodb).body("{}").header("authorization", credential);
        let target = format!("DynamoDB_20120810.{operation}");
        let fixed = [("content-type", "application/x-amz-json-1.0"), ("x-amz-date", "20260101T000000Z")];
        for (name, value) in fixed.iter().chain(&[("x-amz-target", &*target)]).chain(headers) {
            request = request.header(*name, *value);
        }
        request.send().await.expect("the engine answers")
    }

    /// Checks that both ports respond, and that a new instance's callback arrives once.
    pub(crate) async fn is_served(&mut self, instance: &str) {
        for path in ["/health", "/v1/workspaces/default/callbacks", "/v1/workspaces/default/signing-secret"] {
            assert_eq!(self.http.get(self.api(path)).send().await.expect("an answer").status(), 200, "{path}");
        }
        let tables = self.dynamodb("ListTables", &[]).await.text().await.expect("a body");
        assert_eq!(tables, r#"{"TableNames":["Deliveries","Instances","Webhooks"]}"#);
        let put = self.http.put(self.api(&format!("/local/instances/{instance}"))).json(&json!({"processName": "p"}));
        let status = put.send().await.expect("an answer").status();
        assert!(status.is_success(), "{status}");
        let requests = self.receiver.exactly(1).await;
        assert_eq!(requests[0].instance(), instance);
        self.receiver.forget();
    }
}
