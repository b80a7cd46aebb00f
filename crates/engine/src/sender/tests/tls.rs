use super::*;

#[tokio::test]
async fn http2_is_spoken_where_the_receiver_offers_it() {
    for (alpn, spoken) in [(&[&b"h2"[..], b"http/1.1"][..], "HTTP/2"), (&[b"http/1.1"], "HTTP/1.1"), (&[], "HTTP/1.1")]
    {
        let certified = localhost();
        let address = https(&certified, alpn).await;
        let settings =
            SenderSettings { extra_roots: vec![certified.certificate], timeout: Duration::from_secs(10), ..settings() };
        let attempt = Sender::new(settings)
            .unwrap()
            .attempt(acme(), Beside::Others, get(&format!("https://localhost:{}/", address.port())))
            .await;
        assert_eq!(shown(&attempt), (Some(200), None, spoken));
    }
}

#[tokio::test]
async fn an_untrusted_certificate_is_a_tls_failure() {
    let address = https(&localhost(), &[]).await;
    let attempt =
        sender().attempt(acme(), Beside::Others, get(&format!("https://localhost:{}/", address.port()))).await;
    assert_eq!(
        shown(&attempt).1,
        Some((Reason::TlsFailure, "no TLS connection: invalid peer certificate: UnknownIssuer"))
    );
}

#[tokio::test]
async fn a_receiver_with_a_certificate_of_a_private_ca_is_trusted_where_it_is_set() {
    let authority = rcgen::KeyPair::generate().unwrap();
    let mut parameters = rcgen::CertificateParams::new(Vec::new()).unwrap();
    parameters.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let root = parameters.self_signed(&authority).unwrap();
    let key = rcgen::KeyPair::generate().unwrap();
    let leaf = rcgen::CertificateParams::new(["localhost".to_owned()]).unwrap();
    let leaf = leaf.signed_by(&key, &rcgen::Issuer::new(parameters, authority)).unwrap();
    let leaf = Certified { certificate: leaf.der().clone(), pem: leaf.pem(), key: key.serialize_der() };
    let address = https(&leaf, &[]).await;

    // As it comes out of an environment variable.
    let setting = root.pem().lines().collect::<Vec<_>>().join(" ");
    let url = format!("https://localhost:{}/", address.port());
    let trusting = SenderSettings { extra_roots: certificates(&setting).unwrap(), ..settings() };
    assert!(Sender::new(trusting).unwrap().attempt(acme(), Beside::Others, get(&url)).await.is_success());
    assert_eq!(sender().attempt(acme(), Beside::Others, get(&url)).await.failure.unwrap().reason, Reason::TlsFailure);
}
