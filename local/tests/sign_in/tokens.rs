//! Tokens that are accepted, and those that are rejected with the reason.

use super::*;

#[tokio::test]
async fn a_token_of_each_algorithm_opens_and_none_only_what_is_public() {
    let (rsa, ec, ed) = (Key::rsa(), Key::ec(), Key::ed());
    let issuer = Issuer::start(vec![rsa.public("rsa"), ec.public("ec"), ed.public("ed")]).await;
    let program = Program::of(&issuer.url).await;
    let claims = developer(&issuer);
    for token in [
        rsa.sign(&header("RS256", "rsa"), &claims),
        rsa.sign(&header("PS256", "rsa"), &claims),
        ec.sign(&header("ES256", "ec"), &claims),
        ed.sign(&header("EdDSA", "ed"), &claims),
        ed.sign(&header("EdDSA", "ed"), &with(&claims, "aud", json!(["other", "webhooks"]))),
        ed.sign(&header("EdDSA", "ed"), &with(&claims, "exp", json!(in_seconds(-10)))),
    ] {
        assert_eq!(program.with(&token).await, (200, String::new()), "{token}");
    }
    for public in ["/health", "/openapi.json"] {
        assert_eq!(program.call(public, &[]).await.0, 200);
    }
    let (status, detail) = program.call(CALLBACKS, &[]).await;
    assert_eq!((status, &*detail), (401, "sign in, and send the token as `Authorization: Bearer …`"));
    let token = ed.sign(&header("EdDSA", "ed"), &claims);
    for wrong in ["Basic YTpi".to_owned(), "Bearer".to_owned(), token.clone(), format!("Token {token}")] {
        assert_eq!(program.call(CALLBACKS, &[("authorization", &wrong)]).await.0, 401, "{wrong}");
    }
    let bearer = format!("bearer {token}");
    assert_eq!(program.call(CALLBACKS, &[("authorization", &bearer)]).await.0, 200);
    assert_eq!(program.call(CALLBACKS, &[("authorization", &bearer), ("authorization", &bearer)]).await.0, 401);
    assert_eq!(issuer.published().readings, 1, "the keys are read once");
}

/// A program, its issuer's keys, and a token that it accepts.
struct Forgery {
    rsa: Key,
    ec: Key,
    issuer: Issuer,
    program: Program,
    claims: Value,
    good: String,
}

/// Reasons why a token is not accepted.
const FORM: &str =
    "it is no JSON Web Token, or one with an algorithm that is not taken; RS256, PS256, ES256 and EdDSA are";
const ALGORITHM: &str = "its algorithm is none of its key's";
const SIGNED: &str = "its signature is wrong";
const AUDIENCE: &str =
    "it is for another application: its claim aud, or client_id if it has no aud, is none of --audience";

impl Forgery {
    async fn new() -> Self {
        let (rsa, ec) = (Key::rsa(), Key::ec());
        let only_pss = with(&rsa.public("pss"), "alg", json!("PS256"));
        let issuer = Issuer::start(vec![rsa.public("rsa"), ec.public("ec"), only_pss]).await;
        let program = Program::of(&issuer.url).await;
        let claims = developer(&issuer);
        let good = ec.sign(&header("ES256", "ec"), &claims);
        assert_eq!(program.with(&good).await.0, 200);
        Self { rsa, ec, issuer, program, claims, good }
    }

    /// Returns a token of the issuer with these claims.
    fn signed(&self, claims: &Value) -> String {
        self.ec.sign(&header("ES256", "ec"), claims)
    }

    /// Checks that the program rejects each of these tokens, named by what is wrong with it, for this reason.
    async fn is_refused(&self, tokens: &[(&str, String, &str)]) {
        for (what, token, reason) in tokens {
            let answer = self.program.with(token).await;
            assert_eq!(answer.0, 401, "{what}: {}", answer.1);
            let expected = format!("the token is not taken: {reason}");
            assert!(token.is_empty() || expected == answer.1, "{what}: {} instead of {reason}", answer.1);
        }
        assert_eq!(self.program.with(&self.good).await.0, 200, "and it still takes a good one");
    }
}

#[tokio::test]
async fn a_token_with_a_claim_that_is_wrong_is_refused() {
    let it = Forgery::new().await;
    let claim = |name: &str| format!("its claim {name} is missing, or is not what it can be");
    let (end, issuer, foreign) = (claim("exp"), claim("iss"), "it is of another issuer");
    let signed = |name: &str, value: Value| it.signed(&with(&it.claims, name, value));
    let signed_without = |name: &str| it.signed(&without(&it.claims, name));
    let of_our_client = it.signed(&with(&with(&it.claims, "aud", json!("other")), "client_id", json!("webhooks")));
    it.is_refused(&[
        ("expired", signed("exp", json!(in_seconds(-60))), "it has expired: sign in again"),
        ("without an end", signed_without("exp"), &end),
        ("with a text for its end", signed("exp", json!("2999")), &end),
        ("not valid yet", signed("nbf", json!(in_seconds(90))), "it is not valid yet"),
        ("for another", signed("aud", json!("other")), AUDIENCE),
        ("for others", signed("aud", json!(["other", 7])), AUDIENCE),
        ("for no audience", signed_without("aud"), AUDIENCE),
        ("for another, of our client", of_our_client, AUDIENCE),
        ("of another issuer", signed("iss", json!("https://id.example")), foreign),
        ("of nearly this issuer", signed("iss", json!(format!("{}/", it.issuer.url))), foreign),
        ("of no issuer", signed_without("iss"), &issuer),
    ])
    .await;
}

#[tokio::test]
async fn a_token_that_its_issuer_has_not_signed_is_refused() {
    let it = Forgery::new().await;
    let (stranger, claims, es256) = (Key::ec(), &it.claims, header("ES256", "ec"));
    let [head, body, signature] = it.good.split('.').collect::<Vec<_>>()[..] else { panic!("three parts") };
    let more = base64(with(claims, "cognito:groups", json!(["Administrator"])).to_string().as_bytes());
    // The public key, which is known to everyone, as a shared secret.
    let public = it.rsa.public("rsa")["n"].as_str().unwrap().to_owned();
    let confused = unsigned(&header("HS256", "rsa"), claims);
    let confused_by = |secret: &[u8]| {
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), confused.as_bytes());
        format!("{confused}.{}", base64(tag.as_ref()))
    };
    let with_the_key = stranger.sign(&json!({"alg": "ES256", "kid": "ec", "jwk": stranger.public("ec")}), claims);
    it.is_refused(&[
        ("unsigned", format!("{}.", unsigned(&json!({"alg": "none"}), claims)), FORM),
        ("unsigned, with a key", format!("{}.", unsigned(&header("none", "ec"), claims)), FORM),
        ("unsigned, otherwise spelled", format!("{}.", unsigned(&header("nOnE", "ec"), claims)), FORM),
        ("without its signature", format!("{head}.{body}."), SIGNED),
        ("by the public key as a secret", confused_by(public.as_bytes()), ALGORITHM),
        ("by the public key set as a secret", confused_by(it.rsa.public("rsa").to_string().as_bytes()), ALGORITHM),
        ("by another kind of key", it.ec.sign(&header("ES256", "rsa"), claims), ALGORITHM),
        ("by an algorithm that the key does not allow", it.rsa.sign(&header("RS256", "pss"), claims), ALGORITHM),
        ("by a stranger in the key's name", stranger.sign(&es256, claims), SIGNED),
        ("by a stranger who brings the key", with_the_key, SIGNED),
        ("with other claims", format!("{head}.{more}.{signature}"), SIGNED),
        ("with another end", format!("{head}.{body}.{}", base64(&[7; 64])), SIGNED),
    ])
    .await;
}

#[tokio::test]
async fn a_token_with_a_head_or_form_that_is_wrong_is_refused() {
    let it = Forgery::new().await;
    let [head, body, _] = it.good.split('.').collect::<Vec<_>>()[..] else { panic!("three parts") };
    let asks = json!({"alg": "ES256", "kid": "ec", "crit": ["b64"], "b64": false});
    let (keyless, critical) = (it.ec.sign(&json!({"alg": "ES256"}), &it.claims), it.ec.sign(&asks, &it.claims));
    it.is_refused(&[
        ("without a name for its key", keyless, "it names a key that its issuer does not have"),
        ("that asks for more", critical, "its header asks for something that is not understood here (crit)"),
        ("in two parts", format!("{head}.{body}"), FORM),
        ("in five parts", format!("{}.a.b", it.good), FORM),
        ("of nothing", String::new(), FORM),
        ("of garbage", "garbage".to_owned(), FORM),
    ])
    .await;
}

#[tokio::test]
async fn what_a_verified_token_says_decides() {
    let key = Key::ec();
    let issuer = Issuer::start(vec![key.public("ec")]).await;
    let program = Program::of(&issuer.url).await;
    let sign = |claims: &Value| key.sign(&header("ES256", "ec"), claims);
    let claims = developer(&issuer);
    for (claims, status) in [
        (with(&claims, "cognito:groups", json!(["Guest"])), 403),
        (with(&claims, "custom:workspace", json!("globex")), 403),
        (with(&claims, "custom:workspace", json!(["globex", "acme"])), 200),
        (without(&claims, "sub"), 401),
    ] {
        assert_eq!(program.with(&sign(&claims)).await.0, status, "{claims}");
    }
    // Like Cognito's token for a client's credentials: no audience, no claims about a user.
    let machine = json!({"iss": issuer.url, "sub": "m1", "client_id": "m1", "token_use": "access", "exp": in_seconds(60),
        "scope": "acme/callbacks:read"});
    assert_eq!(program.with(&sign(&machine)).await.0, 200);
    assert_eq!(program.with(&sign(&with(&machine, "scope", json!("globex/callbacks:read")))).await.0, 403);
    let other = with(&with(&machine, "client_id", json!("m2")), "sub", json!("m2"));
    assert_eq!(program.with(&sign(&other)).await.0, 401, "a client that --audience does not name");
}

#[tokio::test]
async fn rejected_tokens_are_logged_by_reason_at_a_bounded_rate() {
    let key = Key::ec();
    let issuer = Issuer::start(vec![key.public("ec")]).await;
    let program = Program::of(&issuer.url).await;
    let claims = with(&developer(&issuer), "iss", json!("https://id.example\n2026 ERROR forged \u{202e}"));
    let token = key.sign(&header("ES256", "ec"), &claims);
    for _ in 0..30 {
        assert_eq!(program.with(&token).await.0, 401);
    }
    let log = std::fs::read_to_string(program.log.path()).unwrap();
    let lines: Vec<_> = log.lines().filter(|line| line.contains("a token was rejected")).collect();
    // Thirty calls may reach from one minute into the next.
    assert!((10..=20).contains(&lines.len()), "{log}");
    for line in lines {
        assert!(line.contains("it is of another issuer") && line.contains(r#"key_id="ec""#), "{line}");
        assert!(line.contains("https://id.example") && line.contains("forged"), "one line: {line}");
        assert!(!line.contains('\u{202e}'), "{line}");
    }
    let signature = token.rsplit('.').next().unwrap();
    assert!(!log.contains(signature) && !log.contains(&token[..40]), "{log}");
}
