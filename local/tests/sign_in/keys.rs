//! The issuer's keys: read, replaced, unavailable.

use super::*;

#[tokio::test]
async fn new_keys_are_read_but_unknown_ids_cause_few_readings() {
    let (old, new) = (Key::ec(), Key::ed());
    let issuer = Issuer::start(vec![old.public("old")]).await;
    let program = Program::of(&issuer.url).await;
    let claims = developer(&issuer);
    let (by_old, by_new) = (old.sign(&header("ES256", "old"), &claims), new.sign(&header("EdDSA", "new"), &claims));
    assert_eq!(program.with(&by_old).await.0, 200);

    issuer.published().keys = vec![new.public("new")];
    assert_eq!(program.with(&by_new).await.0, 200, "a new key is taken at once");
    assert_eq!(program.with(&by_old).await.0, 401, "and one that was withdrawn is not");
    let (readings, begun) = (issuer.published().readings, Instant::now());
    for n in 0..20 {
        assert_eq!(program.with(&new.sign(&header("EdDSA", &format!("made up {n}")), &claims)).await.0, 401);
    }
    let more = issuer.published().readings - readings;
    assert!(more as u64 <= begun.elapsed().as_secs() / 10 + 1, "once in ten seconds at most, not {more} times");
}

#[tokio::test]
async fn an_issuer_that_is_away_keeps_its_keys() {
    let key = Key::ec();
    let issuer = Issuer::start(vec![key.public("ec")]).await;
    let program = Program::of(&issuer.url).await;
    let claims = developer(&issuer);
    let token = key.sign(&header("ES256", "ec"), &claims);
    assert_eq!(program.with(&token).await.0, 200);
    issuer.published().is_down = true;
    let unknown = key.sign(&header("ES256", "unknown"), &claims);
    assert_eq!(program.with(&unknown).await.0, 401);
    assert_eq!(issuer.published().readings, 2, "it was asked");
    assert_eq!(program.with(&token).await.0, 200);
}

#[tokio::test]
async fn until_the_issuer_answers_every_token_is_refused_for_the_moment() {
    let (socket, address) = sockets::closed();
    let program = Program::of(&format!("http://{address}/realms/test")).await;
    let key = Key::ec();
    let claims = |issuer: &str| {
        json!({"iss": issuer, "aud": "webhooks", "sub": "5f3c", "exp": in_seconds(300),
        "cognito:groups": ["Administrator"], "custom:workspace": "acme"})
    };
    let token = key.sign(&header("ES256", "ec"), &claims(&format!("http://{address}/realms/test")));
    let (status, detail) = program.at_once_with(&token).await;
    let expected = "the token is not taken: the issuer's keys are not known at the moment; try again";
    assert_eq!((status, &*detail), (503, expected));
    assert_eq!(program.call(CALLBACKS, &[]).await.0, 401);
    assert_eq!(program.call("/health", &[]).await.0, 200);

    let _issuer = Issuer::start_at(socket.listen(64).unwrap(), vec![key.public("ec")]);
    assert_eq!(program.with(&token).await.0, 200, "it is asked again");
}

#[tokio::test]
async fn an_issuer_that_calls_itself_otherwise_is_not_believed() {
    let key = Key::ec();
    let issuer = Issuer::start(vec![key.public("ec")]).await;
    issuer.published().name = Some(issuer.url.replace("127.0.0.1", "localhost"));
    let program = Program::of(&issuer.url).await;
    let token = key.sign(&header("ES256", "ec"), &developer(&issuer));
    assert_eq!(program.at_once_with(&token).await.0, 503);
    assert_eq!(issuer.published().readings, 0);
}
