//! The secret of an endpoint: its own, rotated by itself and with all others, set, inherited, and every problem.

use axum::Router;
use serde_json::{Value, json};

use super::support::receiver::Receiver;
use super::{api, api_on, call, configure, id, json as get, post, put, support};

const WORKSPACE: &str = "/v1/workspaces/default";
const A: &str = "https://a.example/hook";
const B: &str = "https://b.example/hook";
const OURS: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

fn path(url: &str) -> String {
    format!("{WORKSPACE}/endpoints/{}/signing-secret", id(url))
}

async fn rotate(api: &Router, url: &str, overlap: u64) -> String {
    post(api, &format!("{}/rotate", path(url)), json!({"overlapSeconds": overlap}).to_string()).await
}

async fn set(api: &Router, url: &str, secret: &str, overlap: u64) -> String {
    put(api, &path(url), json!({"secret": secret, "overlapSeconds": overlap}).to_string()).await
}

async fn secret(api: &Router, url: &str) -> Value {
    get(api, &path(url)).await
}

/// Returns the API of a workspace with two endpoints that have secrets.
async fn two_endpoints() -> Router {
    let api = api().await;
    configure(&api, &[A, B]).await;
    assert!(rotate_all(&api, 0).await.starts_with("200"));
    api
}

async fn rotate_all(api: &Router, overlap: u64) -> String {
    post(api, &format!("{WORKSPACE}/signing-secret/rotate"), json!({"overlapSeconds": overlap}).to_string()).await
}

async fn replace(api: &Router, urls: &[&str], (to, from): (&str, &str)) {
    let callback = json!({"enabled": true, "urls": urls});
    let all = json!({"created": callback, "updated": callback, "deleted": callback, "replaces": {to: from}});
    assert!(put(api, &format!("{WORKSPACE}/callbacks"), all.to_string()).await.starts_with("200"));
}

#[tokio::test]
async fn each_endpoint_has_a_secret_of_its_own() {
    let api = two_endpoints().await;
    let (a, b) = (secret(&api, A).await, secret(&api, B).await);
    assert_ne!(a["secret"], b["secret"]);
    assert_eq!((&a["own"], &a["previous"]), (&json!(false), &json!([])));
    assert_eq!(secret(&api, A).await, a);
    configure(&api, &[B]).await;
    configure(&api, &[B, A]).await;
    assert_eq!(secret(&api, A).await, a, "one that was removed and added again has it again");
}

#[tokio::test]
async fn before_the_first_event_there_is_none_and_a_rotation_makes_it() {
    let api = api().await;
    configure(&api, &[A]).await;
    let missing = call(&api, &format!("GET {}", path(A))).await;
    assert!(missing.starts_with("404") && missing.contains("problem:no-signing-secret"), "{missing}");
    assert!(rotate(&api, A, 60).await.starts_with("200"));
    assert_eq!(secret(&api, A).await["previous"], json!([]), "nothing was there to rotate");
}

#[tokio::test]
async fn a_url_that_is_not_configured_shows_the_secret_that_it_will_have() {
    let api = two_endpoints().await;
    let url = "https://soon.example/";
    let before = secret(&api, url).await;
    configure(&api, &[A, B, url]).await;
    assert_eq!(secret(&api, url).await, before);
    assert!(rotate(&api, url, 0).await.starts_with("200"));
    configure(&api, &[A, B]).await;
    let next = secret(&api, url).await;
    configure(&api, &[A, B, url]).await;
    assert_eq!(secret(&api, url).await["secret"], next["secret"], "also after a rotation");
}

#[tokio::test]
async fn one_rotates_by_itself_and_all_rotate_together_with_overlap() {
    let api = two_endpoints().await;
    let (a, b) = (secret(&api, A).await, secret(&api, B).await);
    assert!(rotate(&api, A, 3600).await.starts_with("200"));
    let rotated = secret(&api, A).await;
    assert_ne!(rotated["secret"], a["secret"]);
    assert_eq!(rotated["previous"][0]["secret"], a["secret"]);
    assert_eq!(secret(&api, B).await, b, "the other is as it was");

    assert!(rotate_all(&api, 3600).await.starts_with("200"));
    let (both, other) = (secret(&api, A).await, secret(&api, B).await);
    assert_eq!(other["previous"][0]["secret"], b["secret"]);
    let previous: Vec<_> = both["previous"].as_array().unwrap().iter().map(|it| &it["secret"]).collect();
    assert_eq!(previous.len(), 3, "the secret of each key and each generation");
    assert!(previous.contains(&&a["secret"]) && previous.contains(&&rotated["secret"]), "{both}");

    assert!(rotate_all(&api, 0).await.starts_with("200"));
    assert_eq!(secret(&api, A).await["previous"].as_array().unwrap().len(), 1, "its own overlap goes on");
    assert!(rotate(&api, A, 0).await.starts_with("200"));
    assert_eq!(secret(&api, A).await["previous"], json!([]));
}

#[tokio::test]
async fn concurrent_rotations_lose_no_secret() {
    let api = two_endpoints().await;
    let first = secret(&api, A).await;
    let (one, two) = tokio::join!(rotate(&api, A, 60), rotate(&api, A, 60));
    assert!(one.starts_with("200") && two.starts_with("200"), "{one}\n{two}");
    let now = secret(&api, A).await;
    assert_eq!((now["previous"].as_array().unwrap().len(), &now["previous"][1]["secret"]), (2, &first["secret"]));
}

#[tokio::test]
async fn ones_own_secret_can_be_brought_along_and_setting_it_again_changes_nothing() {
    let api = two_endpoints().await;
    let derived = secret(&api, A).await;
    assert!(set(&api, A, OURS, 3600).await.starts_with("200"));
    let own = secret(&api, A).await;
    assert_eq!((&own["secret"], &own["own"]), (&json!(OURS), &json!(true)));
    assert_eq!(own["previous"][0]["secret"], derived["secret"]);
    assert!(set(&api, A, OURS, 0).await.starts_with("200"));
    assert_eq!(secret(&api, A).await, own);
    assert!(rotate_all(&api, 0).await.starts_with("200"));
    assert_eq!(secret(&api, A).await["secret"], OURS, "it does not change with the key");
}

#[tokio::test]
async fn a_secret_that_is_set_back_to_an_earlier_one_is_there_once() {
    let api = two_endpoints().await;
    let derived = secret(&api, A).await["secret"].as_str().unwrap().to_owned();
    for (secret_set, previous) in [(OURS, &*derived), (&*derived, OURS), (OURS, &*derived)] {
        assert!(set(&api, A, secret_set, 3600).await.starts_with("200"));
        let now = secret(&api, A).await;
        assert_eq!(now["secret"], secret_set);
        let shown: Vec<_> = now["previous"].as_array().unwrap().iter().map(|it| &it["secret"]).collect();
        assert_eq!(shown, [previous], "{now}");
    }
}

#[tokio::test]
async fn a_url_that_replaces_another_keeps_its_secret_and_the_replaced_one_gets_another() {
    let api = two_endpoints().await;
    let (first, b) = (secret(&api, A).await, secret(&api, B).await);
    let (edited, again) = ("https://a.example/hook?token=2", "https://a.example/hook?token=3");
    replace(&api, &[edited, B], (edited, A)).await;
    assert_eq!(secret(&api, edited).await, first, "it was never called, and has no record");
    assert!(rotate(&api, edited, 3600).await.starts_with("200"));
    let rotated = secret(&api, edited).await;
    assert_eq!(rotated["previous"][0]["secret"], first["secret"]);
    replace(&api, &[again, B], (again, edited)).await;
    assert_eq!(secret(&api, again).await, rotated, "with the overlap");

    configure(&api, &[again, B, A, edited]).await;
    let mut all: Vec<_> = Vec::new();
    for url in [again, B, A, edited] {
        let shown = secret(&api, url).await;
        all.push(shown["secret"].clone());
        all.extend(shown["previous"].as_array().unwrap().iter().map(|it| it["secret"].clone()));
    }
    let distinct: std::collections::BTreeSet<_> = all.iter().map(ToString::to_string).collect();
    assert_eq!((all.len(), distinct.len()), (5, 5), "none has what another has or had");
    assert!(all.contains(&b["secret"]));
}

#[tokio::test]
async fn a_url_that_was_there_before_keeps_its_own_when_it_replaces_another() {
    let api = two_endpoints().await;
    let b = secret(&api, B).await;
    replace(&api, &[B], (B, A)).await;
    assert_eq!(secret(&api, B).await, b);
}

#[tokio::test]
async fn a_secret_that_was_rotated_does_not_return_with_its_url() {
    let api = two_endpoints().await;
    let mut seen = vec![secret(&api, A).await["secret"].clone()];
    assert!(rotate(&api, A, 0).await.starts_with("200"));
    for _ in 0..2 {
        seen.push(secret(&api, A).await["secret"].clone());
        configure(&api, &[B]).await;
        configure(&api, &[A, B]).await;
        let now = secret(&api, A).await;
        assert!(!seen.contains(&now["secret"]) && now["previous"] == json!([]), "{now}");
    }
    assert!(set(&api, B, OURS, 0).await.starts_with("200"));
    configure(&api, &[A]).await;
    configure(&api, &[A, B]).await;
    assert_ne!(secret(&api, B).await["secret"], OURS);
}

#[tokio::test]
async fn no_more_than_four_of_its_own_sign_at_a_time() {
    let api = two_endpoints().await;
    for _ in 0..3 {
        assert!(rotate(&api, A, 60).await.starts_with("200"));
    }
    let before = secret(&api, A).await;
    let rejected = rotate(&api, A, 60).await;
    assert!(rejected.starts_with("409") && rejected.contains("problem:too-many-secrets"), "{rejected}");
    assert_eq!(secret(&api, A).await, before);
}

#[tokio::test]
async fn a_refusal_says_why_and_never_repeats_the_secret() {
    let api = two_endpoints().await;
    let before = secret(&api, A).await;
    for text in ["hunter2", "whsec_hunter2", "whsec_aHVudGVyMg=="] {
        let rejected = set(&api, A, text, 0).await;
        assert!(rejected.starts_with("422") && rejected.contains("problem:invalid-secret"), "{rejected}");
        assert!(!rejected.contains("hunter2") && !rejected.contains("aHVudGVyMg"), "{rejected}");
    }
    assert!(
        set(&api, A, OURS, 604_801).await.contains("in overlapSeconds: it is a number of seconds from 0 to 604800")
    );
    for rejected in [rotate(&api, "https://c.example/", 0).await, set(&api, "https://c.example/", OURS, 0).await] {
        assert!(rejected.starts_with("404") && rejected.contains("problem:unknown-endpoint"), "{rejected}");
    }
    assert_eq!(secret(&api, A).await, before, "nothing was changed");
}

#[tokio::test]
async fn looking_at_secrets_writes_nothing() {
    let client = support::engine().await;
    let api = api_on(&client);
    configure(&api, &[A]).await;
    assert!(rotate_all(&api, 0).await.starts_with("200"));
    let items = async || client.scan().table_name("Webhooks").send().await.unwrap().items.unwrap();
    let before = items().await;
    for url in [A, B] {
        assert!(call(&api, &format!("GET {}", path(url))).await.starts_with("200"));
    }
    assert_eq!(items().await, before);
}

/// The example is signed as every other request, saved or not.
#[tokio::test]
async fn the_example_request_is_signed_with_the_endpoints_secret() {
    let api = api_on(&support::engine().await);
    let receiver = Receiver::healthy().await;
    let (saved, unsaved) = (receiver.url("/saved"), receiver.url("/unsaved"));
    configure(&api, &[&saved]).await;
    let test = format!("{WORKSPACE}/callbacks/created/test");
    assert!(post(&api, &test, "").await.starts_with("200"));
    assert!(set(&api, &saved, OURS, 0).await.starts_with("200"));
    assert!(post(&api, &test, "").await.starts_with("200"));
    assert!(post(&api, &test, json!({"urls": [&unsaved]}).to_string()).await.starts_with("200"));
    let requests = receiver.requests();
    let used: Vec<_> = [(&requests[1], &saved), (&requests[2], &unsaved)].into();
    assert_eq!(requests.len(), 3);
    for (request, url) in used {
        let secret = secret(&api, url).await["secret"].as_str().unwrap().parse().unwrap();
        let secrets = webhooks_model::signing::SigningSecrets::new(secret);
        let signature = secrets.sign(request.id(), request.signed_at(), request.target());
        assert_eq!(signature, request.header("webhook-signature"), "{url}");
    }
}
