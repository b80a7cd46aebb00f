//! How much memory the built function takes when every receiver is hostile.

use serde_json::{Value, json};

use crate::hostile::{self, Hostile, Hostility};
use crate::lambda::Answer;
use crate::stage::Stage;

/// URLs of a workspace: as many as an event type may have.
const URLS: usize = 50;

/// A stream batch with one created instance of each workspace.
fn batch(workspaces: impl IntoIterator<Item = String>) -> String {
    let record = |(number, workspace): (usize, String)| {
        json!({
            "eventID": format!("{number:032x}"),
            "eventName": "INSERT",
            "eventSource": "aws:dynamodb",
            "dynamodb": {
                "ApproximateCreationDateTime": 1_769_860_800.0,
                "Keys": {"instanceID": {"S": format!("i{number}")}},
                "NewImage": {
                    "instanceID": {"S": format!("i{number}")},
                    "processName": {"S": "Loan"},
                    "workspaceID": {"S": workspace},
                },
                "SequenceNumber": number.to_string(),
                "StreamViewType": "NEW_AND_OLD_IMAGES",
            },
        })
    };
    let records: Vec<Value> = workspaces.into_iter().enumerate().map(record).collect();
    json!({"Records": records}).to_string()
}

/// The most memory that a function of this size takes, in bytes, when all URLs of so many workspaces are hostile.
async fn peak(hostility: Hostility, workspaces: usize, memory_mb: u32) -> u64 {
    let (stage, hostile) = (Stage::set().await, Hostile::start(hostility));
    let urls = hostile.urls(workspaces * URLS);
    let name = |number: usize| format!("w{number}");
    for (number, urls) in urls.chunks(URLS).enumerate() {
        stage.call_back_urls(&name(number), urls.to_vec()).await;
    }
    let settings = [
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", &*memory_mb.to_string()),
        ("PRIVATE_CA", hostile::certificate()),
        ("CALLBACK_TIMEOUT_MS", "5000"),
    ];
    let function = stage.fanout(&settings);
    let begun = std::time::Instant::now();
    let answer = function.answer(&batch((0..workspaces).map(name))).await;
    let held = begun.elapsed();
    // It takes the next one when the attempts of the one before have ended.
    let next = function.answer(&batch(["nobody".to_owned()])).await;
    let peak = function.peak_memory();
    let how = |it: &Answer| match it {
        Answer::Response(r) if r["batchItemFailures"] == json!([]) => "ok".to_owned(),
        Answer::Response(r) => format!("{} back", r["batchItemFailures"].as_array().unwrap().len()),
        it => format!("{it:?}"),
    };
    println!(
        "{memory_mb} MB, {hostility:?}: {:.1} MB, {} connections; {} in {held:?}, {} after {:?}",
        peak as f64 / 1e6,
        hostile.connections(),
        how(&answer),
        how(&next),
        begun.elapsed()
    );
    peak
}

#[tokio::test]
#[ignore = "measures"]
async fn measure() {
    let kinds = std::env::var("HOSTILITY").unwrap_or_default();
    let all = Hostility::SILENT
        .into_iter()
        .chain(Hostility::SUCCEEDING)
        .chain([Hostility::LargeHead, Hostility::RejectedBody]);
    for hostility in all.filter(|it| kinds.is_empty() || format!("{it:?}") == kinds) {
        for memory in [256] {
            peak(hostility, 12, memory).await;
        }
    }
}
