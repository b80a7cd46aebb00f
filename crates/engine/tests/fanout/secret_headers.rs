//! Secret headers: sent to their endpoint, and stored nowhere else.

use super::*;
use webhooks_model::credentials::{header_name, header_value};
use webhooks_store::SettingsPatch;

const TOKEN: &str = "Bearer 5f1c7e2ab04d";

fn authorization(value: &str) -> SettingsPatch {
    let header = (header_name("authorization").unwrap(), Some(header_value(value).unwrap()));
    SettingsPatch { secret_headers: vec![header], ..SettingsPatch::default() }
}

/// The receiver repeats what it got, in a header, in the body, and as the target of a redirect.
#[tokio::test]
async fn a_secret_header_is_sent_by_batch_and_drain_to_its_endpoint_alone_and_is_not_kept_if_it_is_echoed() {
    let mut room = Harness::new().await;
    let (guarded, other) = (Receiver::healthy().await, Receiver::healthy().await);
    guarded.decides(|request| {
        let got = request.header("authorization");
        Behaviour::Answer(support::receiver::answer(
            if request.attempt() == 1 { 503 } else { 200 },
            &format!("x-echo: {got}\r\n"),
            &format!("you sent {got}"),
        ))
    });
    room.configure("default", &[guarded.url("/"), other.url("/")]).await;
    room.set(&guarded.url("/"), authorization(TOKEN)).await;
    let records = room.inserts(1);
    assert!(room.batch(&records, PLENTY).await.is_empty());
    room.wake(&guarded.url("/")).await;

    let sent: Vec<_> = guarded.requests().iter().map(|it| it.header("authorization").to_owned()).collect();
    assert_eq!((sent.len() >= 2, sent.iter().all(|it| it == TOKEN)), (true, true), "{sent:?}");
    assert!(other.requests().iter().all(|it| it.headers().all(|(name, _)| name != "authorization")));
    let kept = format!("{:?}", room.items().await);
    assert!(kept.contains("you sent Bearer [secret header]"), "{kept}");
    assert!(kept.contains("x-echo: Bearer [secret header]"), "{kept}");
    assert!(!kept.contains("5f1c7e2ab04d"), "{kept}");
}

#[tokio::test]
async fn a_new_value_counts_from_the_next_batch_on() {
    let mut room = Harness::new().await;
    let receiver = Receiver::healthy().await;
    room.configure("default", &[receiver.url("/")]).await;
    for value in ["first value", "second value"] {
        room.set(&receiver.url("/"), authorization(value)).await;
        let records = room.inserts(1);
        assert!(room.batch(&records, PLENTY).await.is_empty());
    }
    let sent: Vec<_> = receiver.requests().iter().map(|it| it.header("authorization").to_owned()).collect();
    assert_eq!(sent, ["first value", "second value"]);
}
