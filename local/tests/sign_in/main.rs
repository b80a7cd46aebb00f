//! Access to the API of the built program: from this machine alone, and with an issuer, which here is a real one on
//! loopback.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking, helpers included")]

use issuer::{Issuer, Key, base64, in_seconds, unsigned};
use patience::PATIENCE;
use reqwest::Method;
use ring::hmac;
use serde_json::{Value, json};
use std::process::Stdio;
use std::time::Duration;
use tempfile::NamedTempFile;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};
use tokio::time::{Instant, sleep};
use webhooks_test_support::{issuer, patience, sockets};

mod keys;
mod tokens;

const CALLBACKS: &str = "/v1/workspaces/acme/callbacks";

/// The running program; killed when it is dropped.
struct Program {
    api: String,
    http: reqwest::Client,
    log: NamedTempFile,
    _process: Child,
}

impl Program {
    async fn start(arguments: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_instance-webhooks"));
        command.args(["--in-memory", "--port", "0", "--dynamodb-port", "0"]).args(arguments);
        for variable in
            ["LOG", "ADMINISTRATOR_GROUP", "DEVELOPER_GROUP", "OPERATOR_GROUP", "GROUPS_CLAIM", "WORKSPACE_CLAIM"]
        {
            command.env_remove(variable);
        }
        let log = NamedTempFile::new().unwrap();
        command.stdout(Stdio::piped()).stderr(log.reopen().unwrap()).kill_on_drop(true);
        let mut process = command.spawn().expect("it starts");
        let mut ready = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut ready).await.unwrap();
        let address = ready.split([' ', ',']).find(|word| word.starts_with("http://"));
        let api = address.unwrap_or_else(|| panic!("not ready: {ready}")).replace("0.0.0.0", "127.0.0.1");
        _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder().no_proxy().timeout(PATIENCE).build().unwrap();
        Self { api, http, log, _process: process }
    }

    /// Starts a program that accepts tokens of this issuer.
    async fn of(issuer: &str) -> Self {
        Self::start(&["--issuer", issuer, "--audience", "webhooks", "--audience", "m1"]).await
    }

    /// Returns the status of a call with these headers, and the problem's detail.
    async fn call(&self, path: &str, headers: &[(&str, &str)]) -> (u16, String) {
        let mut request = self.http.request(Method::GET, format!("{}{path}", self.api));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = request.send().await.expect("an answer");
        let status = answer.status().as_u16();
        let challenge = answer.headers().get("www-authenticate").map(|it| it.to_str().unwrap().to_owned());
        assert_eq!(challenge.as_deref(), (status == 401).then_some("Bearer"));
        let body: Value = answer.json().await.expect("JSON");
        (status, body["detail"].as_str().unwrap_or_default().to_owned())
    }

    async fn json(&self, path: &str) -> Value {
        let answer = self.http.get(format!("{}{path}", self.api)).send().await.expect("an answer");
        assert_eq!(answer.status().as_u16(), 200);
        answer.json().await.expect("JSON")
    }

    /// Returns the content security policy of a page.
    async fn policy(&self, path: &str) -> String {
        let answer = self.http.get(format!("{}{path}", self.api)).send().await.expect("an answer");
        answer.headers()["content-security-policy"].to_str().unwrap().to_owned()
    }

    /// Calls with this token, again as long as the program has not read the issuer's keys: on a busy machine, its first
    /// read can exceed its time limit.
    async fn with(&self, token: &str) -> (u16, String) {
        let begun = Instant::now();
        loop {
            let answer = self.at_once_with(token).await;
            if answer.0 != 503 || begun.elapsed() > PATIENCE {
                return answer;
            }
            sleep(Duration::from_millis(200)).await;
        }
    }

    async fn at_once_with(&self, token: &str) -> (u16, String) {
        self.call(CALLBACKS, &[("authorization", &format!("Bearer {token}"))]).await
    }
}

/// Returns the claims of a member of the Developer group of `acme`, as an ID token has them.
fn developer(issuer: &Issuer) -> Value {
    json!({"iss": issuer.url, "aud": "webhooks", "sub": "5f3c", "email": "a@b.c", "cognito:groups": ["Developer"],
        "custom:workspace": "acme", "exp": in_seconds(300), "nbf": in_seconds(-5), "token_use": "id"})
}

fn with(claims: &Value, name: &str, value: Value) -> Value {
    let mut claims = claims.clone();
    claims[name] = value;
    claims
}

fn without(claims: &Value, name: &str) -> Value {
    let mut claims = claims.clone();
    claims.as_object_mut().unwrap().remove(name).unwrap();
    claims
}

fn header(alg: &str, kid: &str) -> Value {
    json!({"typ": "JWT", "alg": alg, "kid": kid})
}

#[tokio::test]
async fn with_an_issuer_others_may_reach_it_and_need_a_token() {
    let key = Key::ec();
    let issuer = Issuer::start(vec![key.public("ec")]).await;
    let arguments = ["--bind", "0.0.0.0", "--issuer", &issuer.url, "--audience", "webhooks"];
    let program = Program::start(&arguments).await;
    assert_eq!(program.call(CALLBACKS, &[]).await.0, 401);
    assert_eq!(program.call(CALLBACKS, &[("host", "webhooks.example")]).await.0, 401, "by whatever name");
    let bearer = format!("Bearer {}", key.sign(&header("ES256", "ec"), &developer(&issuer)));
    assert_eq!(program.call(CALLBACKS, &[("host", "webhooks.example"), ("authorization", &bearer)]).await.0, 200);
}

#[tokio::test]
async fn the_console_may_call_the_issuer_and_its_token_endpoint() {
    let key = Key::ec();
    let issuer = Issuer::start(vec![key.public("ec")]).await;
    let arguments = ["--issuer", &issuer.url, "--audience", "webhooks", "--client-id", "console"];
    let program = Program::start(&arguments).await;
    let told = program.json("/console.json").await;
    let sign_in = json!({"issuer": issuer.url, "clientId": "console", "scope": "openid", "token": "access",
        "logoutUrl": null});
    assert_eq!((&told["signIn"], &told["tryIt"]), (&sign_in, &json!(false)));
    for path in ["/local/instances", "/local/receiver", "/local/receiver-log"] {
        let bearer = format!("Bearer {}", key.sign(&header("ES256", "ec"), &developer(&issuer)));
        let (status, detail) = program.call(path, &[("authorization", &bearer)]).await;
        assert_eq!((status, detail.starts_with("there is nothing at")), (404, true), "{path}: {detail}");
    }

    let origin = issuer.url.trim_end_matches("/realms/test");
    let expected = format!("connect-src 'self' {origin} https://token.example;");
    let begun = Instant::now();
    loop {
        let policy = program.policy("/workspaces/acme").await;
        if policy.contains(&expected) {
            break;
        }
        assert!(policy.contains(&format!("connect-src 'self' {origin};")), "{policy}");
        assert!(begun.elapsed() < PATIENCE, "it does not learn of the token endpoint: {policy}");
        sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn the_console_reads_which_token_to_send_and_whether_it_has_a_client() {
    let issuer = Issuer::start(vec![Key::ec().public("ec")]).await;
    let issuer = ["--issuer", &issuer.url, "--audience", "console"];
    let told = Program::start(&issuer).await.json("/console.json").await;
    assert_eq!((&told["signIn"]["issuer"], &told["signIn"]["clientId"]), (&json!(issuer[1]), &Value::Null));
    let client = ["--client-id", "console", "--scope", "openid email"];
    let told = Program::start(&[issuer, client].concat()).await.json("/console.json").await;
    assert_eq!((&told["signIn"]["token"], &told["signIn"]["scope"]), (&json!("id"), &json!("openid email")));
    let told = Program::start(&[]).await.json("/console.json").await;
    assert_eq!((&told["signIn"], &told["tryIt"]), (&Value::Null, &json!(true)), "who sits here need not sign in");
}

#[tokio::test]
async fn without_an_issuer_no_web_page_can_use_it() {
    let program = Program::start(&[]).await;
    assert_eq!(program.call(CALLBACKS, &[]).await.0, 200);
    let port = program.api.rsplit(':').next().unwrap().to_owned();
    for (headers, status) in [
        (vec![("host", "localhost".to_owned())], 200),
        (vec![("host", format!("localhost:{port}")), ("origin", format!("http://localhost:{port}"))], 200),
        (vec![("host", format!("rebound.example:{port}"))], 403),
        (vec![("host", format!("127.0.0.1.rebound.example:{port}"))], 403),
        (vec![("origin", "https://page.example".to_owned())], 403),
        (vec![("origin", "null".to_owned())], 403),
        (vec![("host", format!("localhost:{port}")), ("origin", "http://localhost:3000".to_owned())], 403),
        (vec![("host", format!("localhost:{port}")), ("origin", format!("http://127.0.0.1:{port}"))], 403),
        (vec![("sec-fetch-site", "same-site".to_owned()), ("sec-fetch-mode", "no-cors".to_owned())], 403),
    ] {
        let headers: Vec<_> = headers.iter().map(|(name, value)| (*name, &**value)).collect();
        for path in [CALLBACKS, "/health", "/console.json", "/v1/nothing"] {
            let (answered, detail) = program.call(path, &headers).await;
            let expected = if path == "/v1/nothing" && status == 200 { 404 } else { status };
            assert_eq!(answered, expected, "{path} {headers:?}: {detail}");
        }
    }
    // A request that a page's form could send without a preflight.
    let test = format!("{}/v1/workspaces/default/callbacks/created/test", program.api);
    let sent = program.http.post(&test).header("origin", "https://page.example").send().await.unwrap();
    assert_eq!(sent.status(), 403);
    assert_eq!(program.http.post(&test).send().await.unwrap().status(), 200);
}
