use webhooks_engine::sender::certificates as read;

/// Parses a setting with certificates: an accepted setting holds only certificates, in their order, and an error does
/// not repeat the text, because it may be a private key.
pub fn certificates(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    match read(text) {
        Ok(certificates) => {
            assert_eq!(certificates.len(), text.matches("-----BEGIN CERTIFICATE-----").count());
            assert!(!text.contains("PRIVATE KEY"));
            let doubled = read(&format!("{text}\n{text}")).unwrap();
            assert_eq!(doubled, [&*certificates, &*certificates].concat());
        }
        Err(refusal) => {
            let refusal = refusal.to_string();
            let secret = text.split(|c: char| c.is_whitespace() || c == '-').find(|part| part.len() > 20);
            assert!(secret.is_none_or(|secret| !refusal.contains(secret)), "{refusal}");
        }
    }
}
