//! The stream of the instance table is disabled and enabled: the table has another stream then.

use crate::engine::{Engine, on_both_engines};
use crate::faults::{Account, check_order, until_taken, write, write_steps};
use crate::receiver::Receiver;
use crate::system::System;

on_both_engines!(
    a_stream_turned_off_and_on_loses_and_repeats_nothing,
    a_stream_that_is_turned_off_and_on_before_a_kill_is_followed_after_it,
);

const INSTANCES: usize = 50;

/// Writes in between are in no stream, by the definition of a stream: they reach no endpoint.
async fn a_stream_turned_off_and_on_loses_and_repeats_nothing(engine: Engine) {
    let receiver = Receiver::healthy().await;
    let url = receiver.url("/");
    let mut system = System::start(engine).await;
    system.call_back("default", std::slice::from_ref(&url)).await;
    let writer = system.writer();

    // Some of it is unread when the stream is disabled.
    let mut written = write(&writer, INSTANCES, 2).await;
    let mut streams = Vec::new();
    for round in 1..=2 {
        let seen = |log: &str| count(log, ["the table has no stream", "the table or its stream was deleted"]);
        let before = seen(&system.program.log());
        writer.turn_stream(false).await;
        // At the same moment, and later, when the program has seen that there is no stream.
        if round == 2 {
            system.program.until_logged("that the table has no stream", |log| seen(log) > before).await;
        }
        for number in 0..INSTANCES {
            writer.put_unstreamed(&format!("i-{number}"), &format!("unheard {round}")).await;
        }
        writer.put_unstreamed(&format!("new-{round}"), "unheard").await;
        streams.push(writer.turn_stream(true).await.expect("it has a stream"));
        written.extend(write_steps(&writer, INSTANCES, 2 * round..2 * round + 2).await);
        writer.put(&format!("new-{round}"), "step 0").await;
        written.insert((format!("new-{round}"), "step 0".to_owned()));
        let followed = |log: &str| count(log, ["the table has another stream", "the table is there again"]) == round;
        system.program.until_logged("that the table has another stream", followed).await;
        until_taken(&receiver, written.len()).await;
    }
    assert_ne!(streams[0], streams[1]);

    // The next process does not read the records of either stream again.
    system.program.signal("TERM").await;
    assert!(system.program.exited().await.success());
    system.start_again().await;
    written.extend(write_steps(&system.writer(), INSTANCES, 6..7).await);
    until_taken(&receiver, written.len()).await;
    let account = Account::of(&written, &receiver, &system, &url).await;
    account.report(&format!("the stream is turned off and on, twice ({engine:?})"), &system);
    assert_eq!((account.delivered, account.pending, account.lost, account.duplicates), (written.len(), 0, 0, 0));
    check_order(&receiver);
    system.check_history(&[(&receiver, &url)]).await;
}

/// Counts these messages: the look at the table and the reader of the stream may each be the first to notice.
fn count(log: &str, messages: [&str; 2]) -> usize {
    messages.into_iter().map(|message| log.matches(message).count()).sum()
}

async fn a_stream_that_is_turned_off_and_on_before_a_kill_is_followed_after_it(engine: Engine) {
    let receiver = Receiver::healthy().await;
    let url = receiver.url("/");
    let mut system = System::start(engine).await;
    system.call_back("default", std::slice::from_ref(&url)).await;
    let writer = system.writer();
    let mut written = write(&writer, INSTANCES, 1).await;
    until_taken(&receiver, written.len()).await;
    written.extend(write_steps(&writer, INSTANCES, 1..2).await);
    writer.turn_stream(false).await;
    writer.turn_stream(true).await;
    written.extend(write_steps(&writer, INSTANCES, 2..3).await);
    system.kill().await;
    system.start_again().await;
    written.extend(write_steps(&system.writer(), INSTANCES, 3..4).await);
    until_taken(&receiver, written.len()).await;
    let account = Account::of(&written, &receiver, &system, &url).await;
    account.report(&format!("the stream is turned off and on, then kill -9 ({engine:?})"), &system);
    assert_eq!((account.delivered, account.pending, account.lost), (written.len(), 0, 0));
    check_order(&receiver);
    system.check_history(&[(&receiver, &url)]).await;
}
