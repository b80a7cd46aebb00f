//! Measures the time from the start of a process to its first request for an event, and to its first response.

use std::time::Instant;

use anyhow::{Context, Result, ensure};
use bytes::Bytes;
use serde_json::{Value, json};

use crate::engine::Engine;
use crate::events::{batch, get, wake_up};
use crate::figures::{median, percentile};
use crate::function::{Function, Implementation, WORKSPACE, bootstrap, node, python};
use crate::process::{Launch, built_with_this};
use crate::receiver::Receiver;
use crate::scale::Scale;

struct Candidate {
    name: &'static str,
    launch: Launch,
    event: Bytes,
    init_ms: Vec<f64>,
    first_ms: Vec<f64>,
}

pub(crate) async fn measure(scale: Scale) -> Result<Value> {
    let (engine, receiver) = (Engine::start().await?, Receiver::start().await?);
    let urls = receiver.urls(["ok".to_owned()]);
    engine.call_back(&[(WORKSPACE.to_owned(), urls.clone())]).await?;
    let change = batch(WORKSPACE, 1);
    let hello_event = Bytes::from_static(b"{}");
    let candidates = [
        ("hello (Rust)", Launch::new([built_with_this("hello")?]), hello_event.clone()),
        ("fanout", Implementation::OursWithLog.launch(&engine, &urls)?, change.clone()),
        ("floor", Implementation::Floor.launch(&engine, &urls)?, change.clone()),
        ("retry", engine.environment(bootstrap("Retry")?), wake_up(WORKSPACE, &urls[0])?),
        ("api", engine.environment(bootstrap("Api")?), get("/v1/workspaces/acme/callbacks")?),
        ("console", console(&engine)?, get("/")?),
        ("hello (Node)", node("hello.handler")?, hello_event.clone()),
        ("fanout (Node)", Implementation::Node.launch(&engine, &urls)?, change.clone()),
        ("hello (Python)", python("hello.handler")?, hello_event),
        ("fanout (Python)", Implementation::Python.launch(&engine, &urls)?, change),
    ];
    let mut candidates = candidates.map(|(name, launch, event)| {
        // Nothing is counted here, so that the proxy in between would only take time.
        let launch = launch.set("AWS_ENDPOINT_URL", &engine.dynamodb);
        Candidate { name, launch, event, init_ms: vec![], first_ms: vec![] }
    });
    for _ in 0..scale.pick(1, 5, 21) {
        for candidate in &mut candidates {
            let begun = Instant::now();
            let mut function = Function::start(candidate.launch.clone()).await?;
            let init = function.init().await.with_context(|| candidate.name)?;
            let (answer, posted, _) =
                function.respond(candidate.event.clone()).await.with_context(|| candidate.name)?;
            ensure!(is_well(&answer), "{}: {answer:?}", candidate.name);
            candidate.init_ms.push(init.as_secs_f64() * 1_000.0);
            candidate.first_ms.push(posted.duration_since(begun).as_secs_f64() * 1_000.0);
            function.process.kill().await?;
        }
    }
    let rows = candidates.iter().map(|it| {
        json!({
            "function": it.name,
            "init_ms": median(&it.init_ms),
            "first_ms": median(&it.first_ms),
            "least_first_ms": percentile(&it.first_ms, 0.0),
            "starts": it.init_ms.len(),
        })
    });
    Ok(rows.collect::<Vec<_>>().into())
}

/// Returns the settings for the console function, with the parameters of the sign-in.
fn console(engine: &Engine) -> Result<Launch> {
    let settings = [
        ("SIGN_IN_ISSUER", "https://id.example/pool"),
        ("SIGN_IN_CLIENT_ID", "console"),
        ("SIGN_IN_AUDIENCES", "console"),
        ("SIGN_IN_ORIGINS", "https://sign-in.example"),
        ("SIGN_IN_LOGOUT_URL", "https://sign-in.example/logout"),
    ];
    let launch = engine.environment(bootstrap("Console")?);
    Ok(settings.iter().fold(launch, |launch, (name, value)| launch.set(name, *value)))
}

/// Returns whether no record is reported back, and an HTTP response is a 200.
fn is_well(answer: &[u8]) -> bool {
    let Ok(answer) = serde_json::from_slice::<Value>(answer) else { return false };
    let reported = answer["batchItemFailures"].as_array().map_or(0, Vec::len);
    reported == 0 && answer["statusCode"].as_u64().is_none_or(|status| status == 200)
}
