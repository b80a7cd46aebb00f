//! A widely used server: it closes an HTTP/2 connection every 1,000 requests, also under load.

use std::process::{Child, Command, Stdio};

use futures_util::{StreamExt, stream};

use super::*;

const NGINX: &str = "/usr/sbin/nginx";

struct Nginx(Child);

impl Drop for Nginx {
    fn drop(&mut self) {
        _ = self.0.kill();
        _ = self.0.wait();
    }
}

/// Starts nginx with its own defaults, on its own port.
async fn nginx(directory: &std::path::Path, made: &rcgen::CertifiedKey<rcgen::KeyPair>) -> (Nginx, u16) {
    let port = sockets::free_port();
    let directory = directory.display();
    std::fs::write(format!("{directory}/cert.pem"), made.cert.pem()).unwrap();
    std::fs::write(format!("{directory}/key.pem"), made.signing_key.serialize_pem()).unwrap();
    let temporary: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map(|it| format!("{it}_temp_path {directory}/{it};"))
        .concat();
    let configuration = format!(
        "daemon off; master_process off; pid {directory}/pid; error_log {directory}/error.log;
        events {{}}
        http {{
            access_log {directory}/access.log; {temporary}
            server {{
                listen 127.0.0.1:{port} ssl http2;
                ssl_certificate {directory}/cert.pem; ssl_certificate_key {directory}/key.pem;
                location / {{ return 200 ok; }}
            }}
        }}"
    );
    std::fs::write(format!("{directory}/nginx.conf"), configuration).unwrap();
    let started = Command::new(NGINX)
        .args(["-e", &format!("{directory}/error.log"), "-p", &directory.to_string()])
        .args(["-c", &format!("{directory}/nginx.conf")])
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    let nginx = Nginx(started.unwrap_or_else(|error| panic!("{NGINX}: {error}; `make {NGINX}` installs it")));
    for _ in 0..500 {
        if TcpStream::connect(("127.0.0.1", port)).await.is_ok() {
            return (nginx, port);
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("nginx does not listen: {:?}", std::fs::read_to_string(format!("{directory}/error.log")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nginx_closing_its_connections_under_load_costs_no_attempt() {
    let directory = tempfile::tempdir().unwrap();
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let (_nginx, port) = nginx(directory.path(), &made).await;
    let extra_roots = vec![made.cert.der().clone()];
    let sender = Sender::new(SenderSettings { extra_roots, timeout: Duration::from_secs(10), ..settings() }).unwrap();
    let url = format!("https://localhost:{port}/");
    let attempts =
        stream::iter(0..5_000).map(|_| sender.attempt(acme(), Beside::Others, get(&url))).buffer_unordered(50);
    let failed: Vec<_> = attempts.filter(|attempt| std::future::ready(!attempt.is_success())).collect().await;
    assert!(failed.is_empty(), "{} of 5,000 attempts failed: {:?}", failed.len(), failed.first());
    let log = std::fs::read_to_string(directory.path().join("access.log")).unwrap();
    assert!(log.contains("HTTP/2.0") && !log.contains("HTTP/1.1"), "over HTTP/2");
}
