//! Another caller of the program, and a receiver of its callbacks.

use axum::Router;
use reqwest::{Client, Response};
use serde_json::json;
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::time::timeout;

use crate::patience::PATIENCE;
use crate::program::{Launch, Program};

pub(crate) struct Victim {
    pub(crate) program: Program,
    pub(crate) http: Client,
    /// Path and query of each callback that arrives.
    callbacks: mpsc::UnboundedReceiver<String>,
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
        let (send, callbacks) = mpsc::unbounded_channel();
        let receiver = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{host}:{}/hook", receiver.local_addr().expect("an address").port());
        let called = Router::new().fallback(async move |uri: axum::http::Uri| _ = send.send(uri.to_string()));
        tokio::spawn(async move { axum::serve(receiver, called).await });
        let victim = Self { program, http, callbacks, launch };
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
        let callback = timeout(PATIENCE, self.callbacks.recv()).await.expect("a callback").expect("a receiver");
        assert!(callback.contains(&format!("instanceID={instance}&")), "{callback}");
        assert!(self.callbacks.try_recv().is_err(), "one callback");
    }
}
