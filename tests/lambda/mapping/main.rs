//! The built fan-out function, driven by the stream reader over the Lambda Runtime API.
//!
//! The reader has the documented semantics of Lambda's event source mapping, and the function is the very program that
//! is deployed. So this shows two things that neither an emulator of AWS shows, which lacks these semantics, nor the
//! local program, which calls the library in its own process: the treatment of records that the function reports back,
//! and of batches that crash it.

use webhooks_test_support::hostile;
mod lambda;
mod memory;
use webhooks_test_support::patience;
use webhooks_test_support::receiver;
mod stage;

use lambda::{Answer, Call};
use receiver::{Behaviour, Gate, Receiver};
use stage::Stage;

/// Returns each invocation's instances in the batch, and those that were reported back.
fn outline(calls: &[Call]) -> Vec<(Vec<&str>, Vec<&str>)> {
    calls.iter().map(|call| (call.instances(), call.reported_back())).collect()
}

fn instances(receiver: &Receiver) -> Vec<String> {
    receiver.requests().iter().map(receiver::Request::instance).collect()
}

#[tokio::test]
async fn batches_are_told_and_acknowledged_one_after_the_other() {
    let stage = Stage::set().await;
    let receiver = Receiver::healthy().await;
    stage.call_back("w", &receiver).await;
    for instance in ["1", "2", "3"] {
        stage.put("w", instance).await;
    }
    let mapping = stage.follow(stage.fanout(&[])).await;
    receiver.arrived(3).await;
    stage.put("w", "4").await;
    receiver.exactly(4).await;

    assert_eq!(outline(&mapping.calls()), [(vec!["1", "2", "3"], vec![]), (vec!["4"], vec![])]);
    assert_eq!(mapping.environments(), 1, "a warm environment is used again");
    assert!(mapping.discarded().is_empty());
}

#[tokio::test]
async fn exactly_the_records_from_the_first_that_failed_on_come_again_until_they_are_kept() {
    let stage = Stage::set().await;
    let (healthy, refusing) = (Receiver::healthy().await, Receiver::new(Behaviour::status(503)).await);
    stage.call_back("healthy", &healthy).await;
    stage.call_back("refusing", &refusing).await;
    stage.put("healthy", "1").await;
    stage.put("healthy", "2").await;
    stage.put("refusing", "3").await;
    stage.put("healthy", "4").await;

    // Undelivered events cannot be stored either, because their table does not exist.
    let mapping = stage.follow(stage.fanout(&[("DELIVERIES_TABLE", "Later")])).await;
    mapping.until("the failed record has come three times", |calls| calls.len() >= 3).await;
    stage.create_table("Later").await;
    let calls = mapping.until("everything is acknowledged", |calls| calls.last().is_some_and(Call::is_done)).await;

    assert_eq!(outline(&calls)[0], (vec!["1", "2", "3", "4"], vec!["3"]));
    assert!(calls[1..].iter().all(|call| call.instances()[0] >= "3"), "{:?}", outline(&calls));
    healthy.until("4 has come", |log| log.requests.iter().any(|request| request.instance() == "4")).await;
    for once in ["1", "2"] {
        assert_eq!(instances(&healthy).iter().filter(|instance| *instance == once).count(), 1, "{once} was done");
    }
    let kept = stage.items("Later").await;
    assert_eq!(kept.len(), 1, "{kept:?}");
    assert_eq!(kept[0]["instanceID"].as_s().unwrap(), "3");
    assert_eq!(kept[0]["status"].as_s().unwrap(), "pending");
    assert!(mapping.discarded().is_empty());
}

#[tokio::test]
async fn a_redelivered_event_queues_behind_the_backlog_with_its_id() {
    let stage = Stage::set().await;
    let refusing = Receiver::new(Behaviour::status(500)).await;
    stage.call_back("w", &refusing).await;
    stage.put("w", "1").await;
    let mapping = stage.follow(stage.fanout(&[("DELIVERIES_TABLE", "Later")])).await;
    mapping.until("it is reported", |calls| !calls.is_empty()).await;
    stage.create_table("Later").await;
    mapping.until("it is acknowledged", |calls| calls.last().is_some_and(Call::is_done)).await;

    let kept = stage.items("Later").await;
    let requests = refusing.requests();
    assert_eq!((kept.len(), requests.len()), (1, 1), "an attempt, and then it is held: {requests:#?}");
    assert_eq!(kept[0]["eventID"].as_s().unwrap(), &requests[0].id());
}

#[tokio::test]
async fn a_record_that_can_never_be_dealt_with_goes_to_the_destination_alone() {
    let stage = Stage::set().await;
    let receiver = Receiver::healthy().await;
    stage.call_back("w", &receiver).await;
    stage.call_back("full", &receiver).await;
    stage.fill_endpoint("full", &receiver).await;
    stage.put("w", "1").await;
    stage.put("w", "2").await;
    stage.put("full", "3").await;
    stage.put("w", "4").await;

    let mapping = stage.follow(stage.fanout(&[])).await;
    let [discarded] = &mapping.until_discarded(1).await[..] else { panic!("one document") };
    stage.put("w", "5").await;
    receiver.heard_of("5").await;

    let calls = mapping.calls();
    assert_eq!(outline(&calls)[..2], [(vec!["1", "2", "3", "4"], vec!["3"]), (vec!["3", "4"], vec!["3"])]);
    let alone = calls.iter().filter(|call| call.instances() == ["3"]).count();
    assert_eq!(alone, 1 + stage::RETRIES as usize, "once, and as often again as is set: {:?}", outline(&calls));

    assert_eq!(discarded["requestContext"]["condition"], "RetryAttemptsExhausted");
    assert_eq!(discarded["responseContext"]["functionError"], serde_json::Value::Null, "it reported, it did not fail");
    let batch = &discarded["DDBStreamBatchInfo"];
    assert_eq!(batch["batchSize"], 1);
    assert_eq!(batch["startSequenceNumber"], batch["endSequenceNumber"]);
    let payload: serde_json::Value = serde_json::from_str(discarded["payload"].as_str().unwrap()).unwrap();
    assert_eq!(payload["Records"][0]["dynamodb"]["NewImage"]["instanceID"]["S"], "3", "the record can be sent again");
    for told in ["1", "2"] {
        assert_eq!(instances(&receiver).iter().filter(|instance| *instance == told).count(), 1);
    }
    assert!(instances(&receiver).contains(&"4".to_owned()));
}

#[tokio::test]
async fn callbacks_that_cannot_be_read_hold_back_no_part_of_the_stream() {
    let stage = Stage::set().await;
    let receiver = Receiver::healthy().await;
    stage.call_back("w", &receiver).await;
    stage.damage_callbacks("damaged").await;
    stage.put("w", "1").await;
    stage.put("damaged", "3").await;
    stage.put("w", "4").await;

    let mapping = stage.follow(stage.fanout(&[])).await;
    stage.put("w", "5").await;
    receiver.exactly(3).await; // of different instances, which arrive in any order

    let calls = mapping.calls();
    assert!(outline(&calls).iter().all(|(_, reported)| reported.is_empty()), "{:?}", outline(&calls));
    for told in ["1", "4", "5"] {
        assert_eq!(instances(&receiver).iter().filter(|instance| *instance == told).count(), 1);
    }
}

/// The order of a hand-over: write, hold, acknowledge, respond, settle, and only then the next invocation.
#[tokio::test]
async fn an_attempt_in_flight_is_settled_before_the_next_batch() {
    let stage = Stage::set().await;
    let gate = Gate::closed();
    let receiver = Receiver::new(Behaviour::held(&gate)).await;
    stage.call_back("w", &receiver).await;
    stage.put("w", "1").await;
    let mapping = stage.follow(stage.fanout(&[])).await;
    mapping.until("the batch is acknowledged", |calls| calls.last().is_some_and(Call::is_done)).await;
    assert!(receiver.requests()[0].answered_at.is_none(), "the receiver has not answered yet");
    let [in_flight] = &stage.items("Deliveries").await[..] else { panic!("it is kept before it is acknowledged") };
    assert_eq!((in_flight["status"].as_s().unwrap().as_str(), in_flight["inFlight"].as_bool()), ("pending", Ok(&true)));

    stage.put("w", "2").await;
    gate.open();
    mapping.until("the next batch is through", |calls| calls.len() == 2 && calls[1].is_done()).await;
    let settled = stage.items("Deliveries").await;
    let first: Vec<_> = settled.iter().filter(|item| item["instanceID"].as_s().unwrap() == "1").collect();
    let [first] = first[..] else { panic!("it stands there once: {settled:#?}") };
    assert_eq!((first["status"].as_s().unwrap().as_str(), first.get("inFlight")), ("delivered", None));
    assert_eq!(instances(&receiver), ["1", "2"], "each once");
    assert_eq!(mapping.environments(), 1);
}

#[tokio::test]
async fn a_batch_whose_environment_is_killed_comes_again_to_a_new_one() {
    let stage = Stage::set().await;
    let gate = Gate::closed();
    let receiver = Receiver::new(Behaviour::held(&gate)).await;
    stage.call_back("w", &receiver).await;
    stage.put("w", "1").await;
    stage.put("w", "2").await;

    let mapping = stage.follow(stage.fanout(&[("HOLD_MS", "2000")])).await;
    receiver.arrived(2).await;
    mapping.kill_environment();
    mapping.until("the environment is gone", |calls| !calls.is_empty()).await;
    gate.open();
    // A batch that failed with an error is sent again in halves.
    let calls = mapping.until("both halves are through", |calls| calls.len() == 3).await;

    assert!(matches!(&calls[0].answer, Answer::Exited(_)), "{calls:?}");
    assert_eq!(outline(&calls), [(vec!["1", "2"], vec![]), (vec!["1"], vec![]), (vec!["2"], vec![])]);
    assert!(calls[1..].iter().all(Call::is_done));
    assert_eq!(mapping.environments(), 2);
    let requests = receiver.requests();
    for instance in ["1", "2"] {
        let ids: Vec<_> = requests.iter().filter(|it| it.instance() == instance).map(receiver::Request::id).collect();
        let [before, after] = ids[..] else { panic!("{instance} has come {} times", ids.len()) };
        assert_eq!(before, after, "with the id that it had");
    }
    assert!(mapping.discarded().is_empty());
}

#[tokio::test]
async fn the_batch_of_a_function_that_cannot_start_is_discarded_whole() {
    let stage = Stage::set().await;
    for instance in ["1", "2", "3"] {
        stage.put("w", instance).await;
    }
    let mapping = stage.follow(stage.fanout(&[("HOLD_MS", "soon")])).await;
    let discarded = mapping.until_discarded(3).await;

    assert_eq!(
        outline(&mapping.calls())[..3],
        [(vec!["1", "2", "3"], vec![]), (vec!["1", "2"], vec![]), (vec!["1"], vec![])]
    );
    let records = discarded.iter().map(|document| {
        assert_eq!(document["responseContext"]["functionError"], "Unhandled");
        let payload: serde_json::Value = serde_json::from_str(document["payload"].as_str().unwrap()).unwrap();
        payload["Records"][0]["dynamodb"]["NewImage"]["instanceID"]["S"].as_str().unwrap().to_owned()
    });
    assert_eq!(records.collect::<Vec<_>>(), ["1", "2", "3"]);
}
