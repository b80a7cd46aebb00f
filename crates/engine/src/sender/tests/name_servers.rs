//! Lookups with name servers that respond correctly, wrongly, late or never.

use hickory_resolver::proto::op::ResponseCode;
use hickory_resolver::proto::rr::RecordType;

use super::name_server::{NameServer, Reply};
use super::*;

/// Long enough for a busy machine: the lookups of its tests get a response, or wait for a later reply.
const PATIENT: Duration = Duration::from_secs(600);

fn sender_asking(server: &NameServer, timeout: Duration) -> Sender {
    let lookup = Lookup::NameServers(server.address.into());
    Sender::new(SenderSettings { timeout, lookup, ..settings() }).unwrap()
}

/// Returns reason and detail of an attempt at this name.
async fn failure(server: &NameServer, timeout: Duration) -> (Reason, String) {
    let attempt = sender_asking(server, timeout)
        .attempt(acme(), Beside::Others, get("http://receiver.example/?token=secret"))
        .await;
    let failure = attempt.failure.expect("a failure");
    (failure.reason, failure.detail)
}

async fn acknowledging() -> Receiver {
    Receiver::new(Behaviour::AnswerThenClose(answer(200, "connection: close\r\n", ""))).await
}

#[tokio::test]
async fn a_silent_name_server_ends_the_lookup_before_the_connection_and_is_named() {
    let server = NameServer::start(|_| Reply::Silence).await;
    // Long enough for a busy machine to ask.
    let (reason, detail) = failure(&server, Duration::from_secs(5)).await;
    assert_eq!(
        (reason, &*detail),
        (Reason::DnsFailure, "the host name was not looked up within 2s: no answer from the name servers")
    );
    let asked = server.asked();
    assert!(
        asked.iter().all(|question| question.kind == RecordType::A && !question.tcp),
        "one socket at a time: {asked:?}"
    );
    assert!((1..=2).contains(&asked.len()), "{asked:?}");
}

#[tokio::test]
async fn each_way_of_having_no_address_has_its_detail() {
    for (reply, detail) in [
        (ResponseCode::NXDomain, "the host name could not be resolved: there is no such name"),
        (ResponseCode::NoError, "the host name could not be resolved: the name has no address"),
        (ResponseCode::ServFail, "the host name could not be resolved: the name server answered \"Server Failure\""),
        (ResponseCode::Refused, "the host name could not be resolved: the name server answered \"Query Refused\""),
    ] {
        let server = NameServer::start(move |_| Reply::Code(reply)).await;
        assert_eq!(failure(&server, PATIENT).await, (Reason::DnsFailure, detail.to_owned()), "{reply}");
    }
}

#[tokio::test]
async fn an_answer_that_is_none_is_no_address() {
    let garbage: [&[u8]; 3] = [b"", b"\x81\x80\0\x01\0\x01\0\0\0\0\xff\xff\xff", b"\x81\x80\xff\xff\xff\xff\0\0\0\0"];
    for bytes in garbage {
        let server = NameServer::start(|_| Reply::Bytes(bytes.to_owned())).await;
        let (reason, detail) = failure(&server, PATIENT).await;
        let expected = "the host name could not be resolved: the name server's answer is not valid";
        assert_eq!((reason, &*detail), (Reason::DnsFailure, expected));
    }
    // A response to another question is not accepted: it may be forged.
    let server = NameServer::start(|_| Reply::Bytes(b"\x81\x80\0\0\0\0\0\0\0\0".to_vec())).await;
    let (reason, detail) = failure(&server, TIMEOUT).await;
    assert_eq!(reason, Reason::DnsFailure, "{detail}");
}

#[tokio::test]
async fn an_answer_that_is_too_long_for_udp_comes_over_tcp_each_time() {
    let receiver = acknowledging().await;
    let server = NameServer::start(|question| match question.tcp {
        true => Reply::addresses(["127.0.0.1"]),
        false => Reply::Truncated,
    });
    let server = server.await;
    let sender = sender_asking(&server, PATIENT);
    // The server closes its connections, as a frozen environment finds them.
    for _ in 0..5 {
        let attempt = sender
            .attempt(acme(), Beside::Others, get(&format!("http://receiver.example:{}/", receiver.address().port())))
            .await;
        assert!(attempt.is_success(), "{attempt:?}");
    }
    assert_eq!(receiver.log().connections, 5);
}

#[tokio::test]
async fn an_answer_that_comes_late_is_used() {
    let receiver = acknowledging().await;
    let late = || Reply::Late(Duration::from_millis(300), Box::new(Reply::addresses(["127.0.0.1"])));
    let server = NameServer::start(move |_| late()).await;
    let attempt = sender_asking(&server, PATIENT)
        .attempt(acme(), Beside::Others, get(&format!("http://receiver.example:{}/", receiver.address().port())))
        .await;
    assert!(attempt.is_success(), "{attempt:?}");
    assert_eq!(server.asked_about("receiver.example"), 2, "A and AAAA, once each");
}

#[tokio::test]
async fn another_name_server_answers_for_a_silent_one() {
    let receiver = acknowledging().await;
    let silent = NameServer::start(|_| Reply::Silence).await;
    let server = NameServer::start(|_| Reply::addresses(["127.0.0.1"])).await;
    let lookup = Lookup::NameServers(format!("{},{}", silent.address, server.address).parse().unwrap());
    // The silent server takes half of a lookup's time.
    let timeout = Duration::from_secs(20);
    let sender = Sender::new(SenderSettings { timeout, lookup, ..settings() }).unwrap();
    for _ in 0..3 {
        let attempt = sender
            .attempt(acme(), Beside::Others, get(&format!("http://receiver.example:{}/", receiver.address().port())))
            .await;
        assert!(attempt.is_success(), "{attempt:?}");
    }
    assert_eq!(server.asked().len(), 6, "A and AAAA, each time");
}

#[tokio::test]
async fn every_address_of_either_kind_is_judged() {
    for (addresses, allowed) in [
        (["127.0.0.1", "::1"], true),
        (["127.0.0.1", "fd00::1"], false),
        (["10.0.0.1", "127.0.0.1"], false),
        (["::ffff:10.0.0.1", "::1"], false),
    ] {
        let server = NameServer::start(move |_| Reply::addresses(addresses)).await;
        let receiver = acknowledging().await;
        let attempt = sender_asking(&server, PATIENT)
            .attempt(acme(), Beside::Others, get(&format!("http://receiver.example:{}/", receiver.address().port())))
            .await;
        assert_eq!(attempt.is_success(), allowed, "{addresses:?}: {attempt:?}");
        assert_eq!(receiver.log().connections, usize::from(allowed), "{addresses:?}");
        if !allowed {
            assert_eq!(attempt.failure.unwrap().reason, Reason::AddressNotAllowed, "{addresses:?}");
        }
    }
}

#[tokio::test]
async fn what_the_hosts_file_lists_is_not_asked() {
    let receiver = acknowledging().await;
    let server = NameServer::start(|_| Reply::Silence).await;
    let attempt = sender_asking(&server, PATIENT)
        .attempt(acme(), Beside::Others, get(&format!("http://localhost:{}/", receiver.address().port())))
        .await;
    assert!(attempt.is_success(), "{attempt:?}");
    assert_eq!(server.asked().len(), 0);
}

#[tokio::test]
async fn lookups_of_one_name_at_the_same_time_are_one() {
    let receiver = acknowledging().await;
    let (answer, answered) = tokio::sync::watch::channel(false);
    let server = NameServer::start(move |_| {
        answer.send_replace(true);
        Reply::Late(Duration::from_millis(300), Box::new(Reply::addresses(["127.0.0.1"])))
    });
    let server = server.await;
    let sender = sender_asking(&server, PATIENT);
    let url = format!("http://receiver.example:{}/", receiver.address().port());
    let attempts =
        futures_util::future::join_all((0..64).map(|_| sender.attempt(acme(), Beside::Others, get(&url)))).await;
    assert!(attempts.iter().all(Attempt::is_success), "{attempts:?}");
    assert!(*answered.borrow());
    assert_eq!(receiver.log().connections, 64);
    let asked = server.asked_about("receiver.example");
    assert!(asked < 64, "{asked}: A and AAAA, and again for those that began later");
}

/// Checks that hundreds of hanging lookups use neither a thread nor a slot that another one needs.
#[test]
fn what_hangs_leaves_other_names_looked_up_without_a_thread() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().max_blocking_threads(1).build().unwrap();
    let (release, held) = std::sync::mpsc::channel::<()>();
    runtime.spawn_blocking(move || held.recv());
    runtime.block_on(async {
        let server = NameServer::start(|question| match question.name.ends_with("hang.example") {
            true => Reply::Silence,
            false => Reply::addresses(["127.0.0.1"]),
        });
        let server = server.await;
        let receiver = acknowledging().await;
        let sender = Arc::new(sender_asking(&server, PATIENT));
        let mut hanging = Vec::new();
        for number in 0..600 {
            let sender = Arc::clone(&sender);
            let url = format!("http://{number}.hang.example/");
            hanging.push(tokio::spawn(async move { sender.attempt(acme(), Beside::Others, get(&url)).await }));
            // One by one: of hundreds of packets at once the system drops some.
            while server.asked().len() <= number {
                tokio::task::yield_now().await;
            }
        }
        for number in 0..20 {
            let attempt = sender
                .attempt(
                    acme(),
                    Beside::Others,
                    get(&format!("http://{number}.example:{}/", receiver.address().port())),
                )
                .await;
            assert!(attempt.is_success(), "{attempt:?}");
        }
        assert_eq!(receiver.log().connections, 20);
        assert!(hanging.iter().all(|attempt| !attempt.is_finished()), "they hang all the time");
        assert_eq!(server.asked().len(), 600 + 2 * 20, "one socket each");
        hanging.iter().for_each(tokio::task::JoinHandle::abort);
    });
    drop(release);
}

#[tokio::test]
async fn names_that_hang_while_they_are_configured_give_their_places_back() {
    let server = NameServer::start(|question| match question.name.ends_with("hang.example") {
        true => Reply::Silence,
        false => Reply::addresses(["10.0.0.1"]),
    });
    let server = server.await;
    let sender = sender_asking(&server, PATIENT);
    let hanging = (0..150).map(|number| format!("{number}.hang.example")).collect();
    assert_eq!(sender.check_hostnames(hanging).await.len(), 0, "what is not known may be called");
    let bad = std::iter::once("inside.example".to_owned()).collect();
    assert_eq!(sender.check_hostnames(bad).await.len(), 1);
}
