//! Parser of certificates in a setting. Pure.

use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
const END: &str = "-----END CERTIFICATE-----";

/// Reason why a text is not a list of certificates. It never repeats the text, which may be a private key by mistake.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidCertificates {
    /// There is text outside of the certificates.
    #[error("there is something else before certificate {0}; leave only what is from {BEGIN} to {END}, both included")]
    SomethingElse(usize),
    /// The end marker is missing.
    #[error("certificate {0} has no end; it ends with {END}")]
    NoEnd(usize),
    /// The content is not Base64.
    #[error("certificate {0} is not valid PEM between {BEGIN} and {END}; copy it again")]
    Pem(usize),
    /// The content is not a certificate.
    #[error("certificate {0} is valid PEM, but no X.509 certificate; export it again, in PEM format")]
    NotACertificate(usize),
}

/// Parses consecutive PEM certificates.
///
/// Environment variables and deploy parameters lose line breaks, so that blanks, `\n` or nothing may stand in their
/// place.
///
/// # Errors
/// [`InvalidCertificates`] if any part of the text is not a certificate.
pub fn certificates(text: &str) -> Result<Vec<CertificateDer<'static>>, InvalidCertificates> {
    let text = text.replace("\\n", "\n");
    let mut rest = text.trim();
    let mut certificates = Vec::new();
    while !rest.is_empty() {
        let number = certificates.len() + 1;
        let begun = rest.strip_prefix(BEGIN).ok_or(InvalidCertificates::SomethingElse(number))?;
        let (base64, behind) = begun.split_once(END).ok_or(InvalidCertificates::NoEnd(number))?;
        let base64: String = base64.split_whitespace().collect();
        let pem = format!("{BEGIN}\n{base64}\n{END}\n");
        let certificate =
            CertificateDer::from_pem_slice(pem.as_bytes()).map_err(|_| InvalidCertificates::Pem(number))?;
        let is_root = RootCertStore::empty().add(certificate.clone());
        is_root.map_err(|_| InvalidCertificates::NotACertificate(number))?;
        certificates.push(certificate);
        rest = behind.trim();
    }
    Ok(certificates)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pem(name: &str) -> String {
        rcgen::generate_simple_self_signed([name.to_owned()]).unwrap().cert.pem()
    }

    #[test]
    fn line_breaks_may_be_lost() {
        let (one, two) = (pem("one"), pem("two"));
        let both = certificates(&format!("{one}{two}")).unwrap();
        assert_eq!(both.len(), 2);
        let lines = format!("{one}{two}").replace("\r\n", "\n");
        for lost in
            [lines.replace('\n', " "), lines.replace('\n', "\\n"), lines.replace('\n', ""), lines.replace('\n', "\r\n")]
        {
            assert_eq!(certificates(&lost), Ok(both.clone()), "{lost}");
        }
        assert_eq!(certificates(" "), Ok(Vec::new()));
    }

    #[test]
    fn an_error_says_which_certificate_and_never_repeats_it() {
        let good = pem("good");
        let error_text = |second: &str| certificates(&format!("{good}{second}")).unwrap_err().to_string();
        insta::assert_snapshot!(error_text("-----BEGIN PRIVATE KEY----- AAAA -----END PRIVATE KEY-----"), @"there is something else before certificate 2; leave only what is from -----BEGIN CERTIFICATE----- to -----END CERTIFICATE-----, both included");
        insta::assert_snapshot!(error_text("-----BEGIN CERTIFICATE----- AAAA"), @"certificate 2 has no end; it ends with -----END CERTIFICATE-----");
        insta::assert_snapshot!(error_text("-----BEGIN CERTIFICATE----- not Base64! -----END CERTIFICATE-----"), @"certificate 2 is not valid PEM between -----BEGIN CERTIFICATE----- and -----END CERTIFICATE-----; copy it again");
        insta::assert_snapshot!(error_text("-----BEGIN CERTIFICATE----- AAAA -----END CERTIFICATE-----"), @"certificate 2 is valid PEM, but no X.509 certificate; export it again, in PEM format");
    }
}
