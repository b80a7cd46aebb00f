//! The memory of the built function when every receiver is hostile.

use serde_json::json;

use crate::hostile::{self, Hostile, Hostility};
use crate::lambda::{Answer, batch};
use crate::stage::Stage;

/// Number of URLs of a workspace: as many as an event type may have.
const URLS: usize = 50;

/// Number of workspaces: together they have more endpoints than there may be attempts.
const WORKSPACES: usize = 12;

/// Returns the peak memory of a function of this size, in MiB, when all URLs are hostile.
pub(crate) async fn peak(hostility: Hostility, memory_mib: u64) -> u64 {
    let (stage, hostile) = (Stage::set().await, Hostile::start(hostility));
    let names: Vec<_> = (0..WORKSPACES).map(|number| format!("w{number}")).collect();
    for (name, urls) in names.iter().zip(hostile.urls(WORKSPACES * URLS).chunks(URLS)) {
        stage.call_back_urls(name, urls.to_vec()).await;
    }
    let settings = [
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", &*memory_mib.to_string()),
        ("PRIVATE_CA", hostile::certificate()),
        ("CALLBACK_TIMEOUT_MS", "1500"),
    ];
    let function = stage.fanout(&settings);
    // It receives the second one when the attempts of the first have ended.
    for batch in [batch(&names), batch(&["without-callbacks".to_owned()])] {
        let answer = function.answer(&batch).await;
        let done = matches!(&answer, Answer::Response(response) if response["batchItemFailures"] == json!([]));
        assert!(done, "{hostility:?}: {answer:?}");
    }
    assert!(hostile.connections() > 40, "the attack took place: {} connections", hostile.connections());
    function.peak_memory() >> 20
}

/// Heads that end no earlier than the client stops reading, or just before, and interim responses, of which HTTP/2
/// keeps each.
const GREEDIEST: [Hostility; 3] = [Hostility::LargeHead, Hostility::LargeAnswer, Hostility::Http2Interim];

#[tokio::test]
async fn hostile_receivers_take_less_than_three_quarters_of_256_mb() {
    for hostility in GREEDIEST {
        let peak = peak(hostility, 256).await;
        assert!(peak < 192, "{hostility:?}: {peak} MiB");
    }
}

#[tokio::test]
async fn hostile_receivers_do_not_use_up_128_mb() {
    for hostility in GREEDIEST {
        let peak = peak(hostility, 128).await;
        assert!(peak < 96, "{hostility:?}: {peak} MiB, and Lambda's own parts need some");
    }
}
