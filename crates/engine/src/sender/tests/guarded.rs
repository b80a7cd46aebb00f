use super::*;

#[tokio::test]
async fn what_is_not_allowed_never_gets_a_connection_however_spelt() {
    let receiver = everywhere().await;
    let port = receiver.address().port();
    let sender = Sender::new(SenderSettings { timeout: TIMEOUT, ..SenderSettings::default() }).unwrap();
    let (mut refused, mut raw) = (0, 0);
    for (expected, url) in webhooks_test_support::refused_urls().filter_map(|line| line.split_once(' ')) {
        let url = url.replace("PORT", &port.to_string());
        if expected == "address-not-allowed" {
            // As it is sent if it was configured before it was forbidden.
            let configured = webhooks_model::callback_url::CallbackUrl::try_from(url.clone()).unwrap();
            let attempt = sender.attempt(acme(), Beside::Others, get(configured.origin())).await;
            assert_eq!(attempt.failure.map(|failure| failure.reason), Some(Reason::AddressNotAllowed), "{url}");
            refused += 1;
        }
        // As it is never sent: without the canonical form, as far as the client can make a request of it.
        if url.parse::<url::Url>().is_ok() {
            let attempt = sender.attempt(acme(), Beside::Others, get(&url)).await;
            assert!(!attempt.is_success() && attempt.status.is_none(), "{url}: {attempt:?}");
            raw += 1;
        }
    }
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(receiver.log().connections, 0);
    assert!(refused >= 60, "{refused}");
    println!("{refused} spellings refused at the attempt, {raw} of all without the canonical form, no connection");
}

#[tokio::test]
async fn a_name_that_answers_differently_the_second_time_is_not_called() {
    let receiver = everywhere().await;
    let port = receiver.address().port();
    let url = format!("http://rebinding.example:{port}/?token=secret");

    let (sender, asked) = sender_with(&[&["127.0.0.1"], &["127.0.0.2"]]);
    let names = || std::iter::once("rebinding.example".to_owned()).collect();
    assert!(sender.check_hostnames(names()).await.is_empty(), "when it is configured it is allowed");
    let attempt = sender.attempt(acme(), Beside::Others, get(&url)).await;
    let detail = "the host name leads to an address that may not be called: loopback; use a host on the internet, or have \
                  the operator allow its network (ALLOWED_NETWORKS)";
    assert_eq!(shown(&attempt), (None, Some((Reason::AddressNotAllowed, detail)), ""));
    assert_eq!((number(&asked), receiver.log().connections), (2, 0));
    assert!(!sender.check_hostnames(names()).await.is_empty(), "from then on it is refused when it is configured, too");
}

#[tokio::test]
async fn the_connection_goes_to_the_address_that_was_judged_and_there_is_no_second_lookup() {
    let receiver = everywhere().await;
    let port = receiver.address().port();
    let (sender, asked) = sender_with(&[&["127.0.0.1"], &["127.0.0.2"]]);
    assert!(
        sender.attempt(acme(), Beside::Others, get(&format!("http://rebinding.example:{port}/"))).await.is_success()
    );
    assert_eq!((number(&asked), receiver.log().connections), (1, 1));
}

#[tokio::test]
async fn one_bad_address_among_good_ones_is_enough() {
    let receiver = everywhere().await;
    let port = receiver.address().port();
    let mixed: [&'static [&[&str]]; 3] =
        [&[&["127.0.0.1", "127.0.0.2"]], &[&["169.254.169.254", "127.0.0.1"]], &[&["127.0.0.1", "::1"]]];
    for lookups in mixed {
        let (sender, _) = sender_with(lookups);
        let attempt = sender.attempt(acme(), Beside::Others, get(&format!("http://mixed.example:{port}/"))).await;
        assert_eq!(attempt.failure.unwrap().reason, Reason::AddressNotAllowed);
    }
    assert_eq!(receiver.log().connections, 0);
}

#[tokio::test]
async fn scheme_and_port_are_judged_at_the_attempt_too() {
    let receiver = everywhere().await;
    let port = receiver.address().port();
    let https_only = OutboundPolicy { https_only: true, ..allowing("127.0.0.0/8") };
    let other_port = OutboundPolicy { allowed_ports: "443".parse().unwrap(), ..allowing("127.0.0.0/8") };
    for policy in [https_only, other_port] {
        let sender = Sender::new(SenderSettings { policy, ..settings() }).unwrap();
        let attempt =
            sender.attempt(acme(), Beside::Others, get(&format!("http://127.0.0.1:{port}/?token=secret"))).await;
        assert_eq!(attempt.failure.as_ref().unwrap().reason, Reason::AddressNotAllowed);
        assert!(!format!("{attempt:?}").contains("secret"));
    }
    assert_eq!(receiver.log().connections, 0);
}
