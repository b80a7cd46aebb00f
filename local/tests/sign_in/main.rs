//! Access to the API of the built program: from this machine alone, and with an issuer, which here is a real one on
//! loopback.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking, helpers included")]

mod issuer;
use webhooks_test_support::patience;

use std::process::Stdio;
use std::time::Duration;

use issuer::{Issuer, Key, base64, in_seconds, unsigned};
use patience::PATIENCE;
use reqwest::Method;
use ring::hmac;
use serde_json::{Value, json};
use tempfile::NamedTempFile;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::net::TcpListener;
use tokio::process::{Child, Command};
use tokio::time::{Instant, sleep};

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
        for variable in ["LOG", "ADMINISTRATOR_GROUP", "DEVELOPER_GROUP", "GROUPS_CLAIM", "WORKSPACE_CLAIM"] {
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

    async fn with(&self, token: &str) -> (u16, String) {
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
async fn a_token_of_each_algorithm_opens_and_no_token_opens_what_is_public_only() {
    let (rsa, ec, ed) = (Key::rsa(), Key::ec(), Key::ed());
    let issuer = Issuer::start(vec![rsa.public("rsa"), ec.public("ec"), ed.public("ed")]).await;
    let program = Program::of(&issuer.url).await;
    let claims = developer(&issuer);
    for token in [
        rsa.sign(&header("RS256", "rsa"), &claims),
        rsa.sign(&header("PS256", "rsa"), &claims),
        ec.sign(&header("ES256", "ec"), &claims),
        ed.sign(&header("EdDSA", "ed"), &claims),
        ed.sign(&header("EdDSA", "ed"), &with(&claims, "aud", json!(["other", "webhooks"]))),
        ed.sign(&header("EdDSA", "ed"), &with(&claims, "exp", json!(in_seconds(-10)))),
    ] {
        assert_eq!(program.with(&token).await, (200, String::new()), "{token}");
    }
    for public in ["/health", "/openapi.json"] {
        assert_eq!(program.call(public, &[]).await.0, 200);
    }
    let (status, detail) = program.call(CALLBACKS, &[]).await;
    assert_eq!((status, &*detail), (401, "sign in, and send the token as `Authorization: Bearer …`"));
    let token = ed.sign(&header("EdDSA", "ed"), &claims);
    for wrong in ["Basic YTpi".to_owned(), "Bearer".to_owned(), token.clone(), format!("Token {token}")] {
        assert_eq!(program.call(CALLBACKS, &[("authorization", &wrong)]).await.0, 401, "{wrong}");
    }
    let bearer = format!("bearer {token}");
    assert_eq!(program.call(CALLBACKS, &[("authorization", &bearer)]).await.0, 200);
    assert_eq!(program.call(CALLBACKS, &[("authorization", &bearer), ("authorization", &bearer)]).await.0, 401);
    assert_eq!(issuer.published().readings, 1, "the keys are read once");
}

#[tokio::test]
async fn a_token_that_is_not_valid_is_refused_with_the_reason() {
    let (rsa, ec, foreign) = (Key::rsa(), Key::ec(), Key::ec());
    let only_pss = with(&rsa.public("pss"), "alg", json!("PS256"));
    let issuer = Issuer::start(vec![rsa.public("rsa"), ec.public("ec"), only_pss]).await;
    let program = Program::of(&issuer.url).await;
    let (claims, es256) = (developer(&issuer), header("ES256", "ec"));
    let good = ec.sign(&es256, &claims);
    assert_eq!(program.with(&good).await.0, 200);
    let [head, body, signature] = good.split('.').collect::<Vec<_>>()[..] else { panic!("three parts") };
    let more = base64(with(&claims, "cognito:groups", json!(["Administrator"])).to_string().as_bytes());
    // The public key, which is known to everyone, as a shared secret.
    let public = rsa.public("rsa")["n"].as_str().unwrap().to_owned();
    let confused = unsigned(&header("HS256", "rsa"), &claims);
    let confused_by = |secret: &[u8]| {
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), confused.as_bytes());
        format!("{confused}.{}", base64(tag.as_ref()))
    };
    let form = "it is no JSON Web Token, or one with an algorithm that is not taken; RS256, PS256, ES256 and EdDSA are";
    let (algorithm, signed) = ("its algorithm is none of its key's", "its signature is wrong");
    let claim = |name: &str| format!("its claim {name} is missing, or is not what it can be");
    let audience = "it is for another application: its claim aud, or client_id if it has no aud, is none of --audience";
    for (what, token, reason) in [
        ("expired", ec.sign(&es256, &with(&claims, "exp", json!(in_seconds(-60)))), "it has expired: sign in again"),
        ("without an end", ec.sign(&es256, &without(&claims, "exp")), &*claim("exp")),
        ("with a text for its end", ec.sign(&es256, &with(&claims, "exp", json!("2999"))), &claim("exp")),
        ("not valid yet", ec.sign(&es256, &with(&claims, "nbf", json!(in_seconds(90)))), "it is not valid yet"),
        ("for another", ec.sign(&es256, &with(&claims, "aud", json!("other"))), audience),
        ("for others", ec.sign(&es256, &with(&claims, "aud", json!(["other", 7]))), audience),
        ("for no audience", ec.sign(&es256, &without(&claims, "aud")), audience),
        (
            "for another, of our client",
            ec.sign(&es256, &with(&with(&claims, "aud", json!("other")), "client_id", json!("webhooks"))),
            audience,
        ),
        (
            "of another issuer",
            ec.sign(&es256, &with(&claims, "iss", json!("https://id.example"))),
            "it is of another issuer",
        ),
        (
            "of nearly this issuer",
            ec.sign(&es256, &with(&claims, "iss", json!(format!("{}/", issuer.url)))),
            "it is of another issuer",
        ),
        ("of no issuer", ec.sign(&es256, &without(&claims, "iss")), &claim("iss")),
        ("unsigned", format!("{}.", unsigned(&json!({"alg": "none"}), &claims)), form),
        ("unsigned, with a key", format!("{}.", unsigned(&header("none", "ec"), &claims)), form),
        ("unsigned, otherwise spelled", format!("{}.", unsigned(&header("nOnE", "ec"), &claims)), form),
        ("without its signature", format!("{head}.{body}."), signed),
        ("by the public key as a secret", confused_by(public.as_bytes()), algorithm),
        ("by the public key set as a secret", confused_by(rsa.public("rsa").to_string().as_bytes()), algorithm),
        ("by another kind of key", ec.sign(&header("ES256", "rsa"), &claims), algorithm),
        ("by an algorithm that the key does not allow", rsa.sign(&header("RS256", "pss"), &claims), algorithm),
        ("by a stranger in the key's name", foreign.sign(&es256, &claims), signed),
        (
            "by a stranger who brings the key",
            foreign.sign(&json!({"alg": "ES256", "kid": "ec", "jwk": foreign.public("ec")}), &claims),
            signed,
        ),
        ("with other claims", format!("{head}.{more}.{signature}"), signed),
        ("with another end", format!("{head}.{body}.{}", base64(&[7; 64])), signed),
        (
            "without a name for its key",
            ec.sign(&json!({"alg": "ES256"}), &claims),
            "it names a key that its issuer does not have",
        ),
        (
            "that asks for more",
            ec.sign(&json!({"alg": "ES256", "kid": "ec", "crit": ["b64"], "b64": false}), &claims),
            "its header asks for something that is not understood here (crit)",
        ),
        ("in two parts", format!("{head}.{body}"), form),
        ("in five parts", format!("{good}.a.b"), form),
        ("of nothing", String::new(), form),
        ("of garbage", "garbage".to_owned(), form),
    ] {
        let answer = program.with(&token).await;
        let expected = if token.is_empty() { None } else { Some(format!("the token is not taken: {reason}")) };
        assert_eq!(answer.0, 401, "{what}: {}", answer.1);
        assert!(expected.is_none_or(|expected| expected == answer.1), "{what}: {} instead of {reason}", answer.1);
    }
    assert_eq!(program.with(&good).await.0, 200, "and it still takes a good one");
}

#[tokio::test]
async fn what_a_verified_token_says_decides() {
    let key = Key::ec();
    let issuer = Issuer::start(vec![key.public("ec")]).await;
    let program = Program::of(&issuer.url).await;
    let sign = |claims: &Value| key.sign(&header("ES256", "ec"), claims);
    let claims = developer(&issuer);
    for (claims, status) in [
        (with(&claims, "cognito:groups", json!(["Guest"])), 403),
        (with(&claims, "custom:workspace", json!("globex")), 403),
        (with(&claims, "custom:workspace", json!(["globex", "acme"])), 200),
        (without(&claims, "sub"), 401),
    ] {
        assert_eq!(program.with(&sign(&claims)).await.0, status, "{claims}");
    }
    // Like Cognito's token for a client's credentials: no audience, no claims about a user.
    let machine = json!({"iss": issuer.url, "sub": "m1", "client_id": "m1", "token_use": "access", "exp": in_seconds(60),
        "scope": "acme/callbacks:read"});
    assert_eq!(program.with(&sign(&machine)).await.0, 200);
    assert_eq!(program.with(&sign(&with(&machine, "scope", json!("globex/callbacks:read")))).await.0, 403);
    let other = with(&with(&machine, "client_id", json!("m2")), "sub", json!("m2"));
    assert_eq!(program.with(&sign(&other)).await.0, 401, "a client that --audience does not name");
}

#[tokio::test]
async fn keys_change_and_nobody_can_have_the_issuer_asked_for_them_again_and_again() {
    let (old, new) = (Key::ec(), Key::ed());
    let issuer = Issuer::start(vec![old.public("old")]).await;
    let program = Program::of(&issuer.url).await;
    let claims = developer(&issuer);
    let (by_old, by_new) = (old.sign(&header("ES256", "old"), &claims), new.sign(&header("EdDSA", "new"), &claims));
    assert_eq!(program.with(&by_old).await.0, 200);

    issuer.published().keys = vec![new.public("new")];
    assert_eq!(program.with(&by_new).await.0, 200, "a new key is taken at once");
    assert_eq!(program.with(&by_old).await.0, 401, "and one that was withdrawn is not");
    let (readings, begun) = (issuer.published().readings, Instant::now());
    for n in 0..20 {
        assert_eq!(program.with(&new.sign(&header("EdDSA", &format!("made up {n}")), &claims)).await.0, 401);
    }
    let more = issuer.published().readings - readings;
    assert!(more as u64 <= begun.elapsed().as_secs() / 10 + 1, "once in ten seconds at most, not {more} times");
}

#[tokio::test]
async fn an_issuer_that_is_away_keeps_its_keys() {
    let key = Key::ec();
    let issuer = Issuer::start(vec![key.public("ec")]).await;
    let program = Program::of(&issuer.url).await;
    let claims = developer(&issuer);
    let token = key.sign(&header("ES256", "ec"), &claims);
    assert_eq!(program.with(&token).await.0, 200);
    issuer.published().is_down = true;
    let unknown = key.sign(&header("ES256", "unknown"), &claims);
    assert_eq!(program.with(&unknown).await.0, 401);
    assert_eq!(issuer.published().readings, 2, "it was asked");
    assert_eq!(program.with(&token).await.0, 200);
}

#[tokio::test]
async fn until_the_issuer_answers_every_token_is_refused_for_the_moment() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let program = Program::of(&format!("http://{address}/realms/test")).await;
    let key = Key::ec();
    let claims = |issuer: &str| {
        json!({"iss": issuer, "aud": "webhooks", "sub": "5f3c", "exp": in_seconds(300),
        "cognito:groups": ["Administrator"], "custom:workspace": "acme"})
    };
    let token = key.sign(&header("ES256", "ec"), &claims(&format!("http://{address}/realms/test")));
    let (status, detail) = program.with(&token).await;
    let expected = "the token is not taken: the issuer's keys are not known at the moment; try again";
    assert_eq!((status, &*detail), (503, expected));
    assert_eq!(program.call(CALLBACKS, &[]).await.0, 401);
    assert_eq!(program.call("/health", &[]).await.0, 200);

    let _issuer = Issuer::start_at(TcpListener::bind(address).await.unwrap(), vec![key.public("ec")]);
    let begun = Instant::now();
    while program.with(&token).await.0 != 200 {
        assert!(begun.elapsed() < PATIENCE, "it is not asked again");
        sleep(Duration::from_millis(200)).await;
    }
}

#[tokio::test]
async fn an_issuer_that_calls_itself_otherwise_is_not_believed() {
    let key = Key::ec();
    let issuer = Issuer::start(vec![key.public("ec")]).await;
    issuer.published().name = Some(issuer.url.replace("127.0.0.1", "localhost"));
    let program = Program::of(&issuer.url).await;
    assert_eq!(program.with(&key.sign(&header("ES256", "ec"), &developer(&issuer))).await.0, 503);
    assert_eq!(issuer.published().readings, 0);
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
async fn with_an_issuer_everybody_gets_the_console_which_may_call_the_issuer_and_its_token_endpoint() {
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
async fn the_console_is_told_which_token_to_send_and_that_nobody_can_sign_in_to_it_yet() {
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

#[tokio::test]
async fn refused_tokens_are_logged_with_the_reason_at_a_bounded_rate_and_never_themselves() {
    let key = Key::ec();
    let issuer = Issuer::start(vec![key.public("ec")]).await;
    let program = Program::of(&issuer.url).await;
    let claims = with(&developer(&issuer), "iss", json!("https://id.example\n2026 ERROR forged \u{202e}"));
    let token = key.sign(&header("ES256", "ec"), &claims);
    for _ in 0..30 {
        assert_eq!(program.with(&token).await.0, 401);
    }
    let log = std::fs::read_to_string(program.log.path()).unwrap();
    let lines: Vec<_> = log.lines().filter(|line| line.contains("a token was rejected")).collect();
    // Thirty calls may reach from one minute into the next.
    assert!((10..=20).contains(&lines.len()), "{log}");
    for line in lines {
        assert!(line.contains("it is of another issuer") && line.contains(r#"key_id="ec""#), "{line}");
        assert!(line.contains("https://id.example") && line.contains("forged"), "one line: {line}");
        assert!(!line.contains('\u{202e}'), "{line}");
    }
    let signature = token.rsplit('.').next().unwrap();
    assert!(!log.contains(signature) && !log.contains(&token[..40]), "{log}");
}
