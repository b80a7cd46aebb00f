//! Secrets in output: a URL may have a token, and an endpoint has a signing secret; neither is in any text for
//! operators, in any failure. Every input is marked, and every output is searched for the marks.

use reqwest::Method;
use serde_json::{Value, json};

use crate::engine::Engine;
use crate::failures::{Fault, Faulty};
use crate::receiver::Receiver;
use crate::system::System;

const MARK: &str = "MARKED";
/// Beginning of instance ids. They may be personal: docs/data.md says that no log has them.
const PERSON: &str = "ada-lovelace";

const PATH: &str = "/MARKED-path/x?token=MARKED-query&y=%2FMARKED#MARKED-fragment";

/// Settings for several attempts, and giving up, during the test, and for the most detailed log.
const SETTINGS: [(&str, &str); 6] = [
    ("CALLBACK_TIMEOUT_MS", "1000"),
    ("RETRY_DELAY_MS", "50"),
    ("BACKOFF_STEPS_S", "0.2"),
    ("DISABLE_WARNING_AFTER_S", "1"),
    ("DISABLE_AFTER_S", "2"),
    ("LOG", "trace"),
];

/// Finds the marks in a JSON document: the paths of the texts that have one, except the configured URL itself, which
/// its readers may see.
fn marked(value: &Value, path: &str, found: &mut Vec<String>) {
    match value {
        Value::String(text) if text.contains(MARK) && !path.ends_with(".url") => found.push(format!("{path}: {text}")),
        Value::Array(list) => list.iter().enumerate().for_each(|(at, it)| marked(it, &format!("{path}[{at}]"), found)),
        Value::Object(map) => map.iter().for_each(|(name, it)| marked(it, &format!("{path}.{name}"), found)),
        _ => {}
    }
}

fn assert_clean(what: &str, value: &Value) {
    let mut found = Vec::new();
    marked(value, what, &mut found);
    assert!(found.is_empty(), "{found:#?}");
}

#[tokio::test]
async fn whatever_goes_wrong_no_url_and_no_secret_is_in_what_operators_read() {
    let mut faults = Vec::new();
    for fault in Fault::ALL {
        faults.push(Faulty::at(fault, PATH).await);
    }
    let healthy = Receiver::healthy().await;
    let system = System::start_with(Engine::Embedded, &SETTINGS).await;
    // As the API returns it: the fragment is not sent.
    faults.iter_mut().for_each(|faulty| faulty.url = faulty.url.split('#').next().unwrap_or_default().to_owned());
    let mut urls: Vec<_> = faults.iter().map(|faulty| faulty.url.clone()).collect();
    urls.push(healthy.url(PATH));
    system.call_back("default", &urls).await;
    let path = format!("{}/rotate", secret_path(&system, &urls[Fault::ALL.len()]).await);
    let (_, secret) = system.call(Method::POST, &path, None).await;
    let secret = secret["secret"].as_str().expect("a secret").trim_start_matches("whsec_").to_owned();

    for number in 0..6 {
        system.writer().put(&format!("{PERSON}-{number}"), "Order").await;
    }
    healthy.arrived(6).await;
    // Every failing endpoint passes through all states: failing, warned, disabled.
    for faulty in &faults {
        system.until_endpoint(&faulty.url, |endpoint| endpoint["health"]["state"] != "healthy" || over(endpoint)).await;
    }
    let (status, tested) = system.call(Method::POST, "/callbacks/created/test", Some(&json!({}))).await;
    assert_eq!(status, 200, "{tested}");
    assert_clean("test", &tested);
    for endpoint in system.call(Method::GET, "/endpoints", None).await.1["endpoints"].as_array().expect("a list") {
        let path = format!("/endpoints/{}", endpoint["endpointID"].as_str().expect("an id"));
        let change = json!({"maxPerSecond": 9, "secretHeaders": {"authorization": "Bearer MARKED-token"}});
        let (status, changed) = system.call(Method::PATCH, &path, Some(&change)).await;
        assert_eq!(status, 200, "{changed}");
        assert_clean("endpoint", &changed);
        let (_, resumed) = system.call(Method::POST, &format!("{path}/resume"), None).await;
        assert_clean("endpoint", &resumed);
    }
    for delivery in system.logged("").await {
        assert_clean("delivery", &delivery);
        let path = format!("/deliveries/{}", delivery["deliveryID"].as_str().expect("an id"));
        assert_clean("delivery", &system.call(Method::GET, &path, None).await.1);
    }
    let failed_for_too_long =
        |log: &str| log.lines().any(|it| it.contains("Endpoint disabled") && it.contains("failing-too-long"));
    system.program.until_logged("the end of an endpoint that only failed", failed_for_too_long).await;
    for path in [&*path, "/signing-secret/rotate"] {
        assert!(system.call(Method::POST, path, None).await.0 == 200);
    }
    system.call_back("default", &[healthy.url(PATH)]).await;
    system.writer().put("last", "Order").await;
    healthy.heard_of("last").await;

    let (_, audit) = system.call(Method::GET, "/audit?limit=200", None).await;
    assert!(audit["entries"].as_array().expect("a list").len() > Fault::ALL.len(), "{audit:#}");
    // Readers of the audit may read the callbacks: it has a URL's path, and no value of its query.
    let audit = audit.to_string();
    assert!(audit.contains("/MARKED-path/x?token=…&y=…"), "{audit}");
    assert!(!audit.replace("MARKED-path", "").contains(MARK) && !audit.contains(&secret), "{audit}");
    let log = system.program.log();
    assert!(log.contains("Endpoint failing") && log.contains("Endpoint disabled"), "there was something to tell");
    let is_leak = |line: &&str| [MARK, &secret, PERSON].iter().any(|it| line.contains(it));
    let leaks: Vec<_> = log.lines().filter(is_leak).collect();
    assert!(leaks.is_empty(), "{leaks:#?}");
}

/// Returns the path of a URL's secret. The API shows the URL without its fragment.
async fn secret_path(system: &System, url: &str) -> String {
    let (_, list) = system.call(Method::GET, "/endpoints", None).await;
    let endpoints = list["endpoints"].as_array().expect("a list");
    let is_it = |endpoint: &&Value| endpoint["url"] == url.split('#').next().unwrap_or_default();
    let endpoint = endpoints.iter().find(is_it).expect("the endpoint");
    format!("/endpoints/{}/signing-secret", endpoint["endpointID"].as_str().expect("an id"))
}

/// Endpoints that reject stay healthy: their deliveries are deferred.
fn over(endpoint: &Value) -> bool {
    endpoint["backlog"]["pending"].as_u64().is_some_and(|count| count > 0) || endpoint["nextDeferredAt"].is_string()
}

/// A rejected body is not repeated.
#[tokio::test]
async fn a_refused_body_is_not_repeated_in_the_refusal_nor_in_the_log() {
    let system = System::start_with(Engine::Embedded, &[("LOG", "trace")]).await;
    let long = format!("https://h/{}", MARK.repeat(400));
    for url in [
        "https://MARKED:MARKED@h/",
        "https://MARKED@h/MARKED",
        "MARKED://h/MARKED?MARKED",
        "https://h:MARKED/",
        "https://h/MARKED MARKED",
        "https://h/MARKED\u{fc}?MARKED",
        "https://[MARKED]/MARKED",
        "https://1.2.3.256/MARKED",
        &long,
    ] {
        let body = json!({"created": {"enabled": true, "urls": [url]}});
        let (status, problem) = system.call(Method::PUT, "/callbacks", Some(&body)).await;
        assert_eq!(status, 422, "{problem}");
        // The scheme is shown: it is the error, and has no token.
        let problem = problem.to_string().to_lowercase().replace("not marked:", "");
        assert!(!problem.contains(&MARK.to_lowercase()), "{url}: {problem}");
    }
    for body in [json!({"secret": "MARKED"}), json!({"secret": "whsec_MARKED"}), json!({"secret": ["MARKED"]})] {
        let (status, problem) =
            system.call(Method::PUT, "/endpoints/c9e8b1ef1d240a34f89d55e3137d6be5/signing-secret", Some(&body)).await;
        assert_eq!(status, 422, "{problem}");
        assert_clean("problem", &problem);
    }
    let log = system.program.log();
    assert!(!log.contains(MARK), "{log}");
}
