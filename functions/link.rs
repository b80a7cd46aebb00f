//! Build script of every function: the program is linked for a fixed address (docs/adr/0032).

#![allow(clippy::print_stdout, reason = "that is how Cargo is told")]

fn main() {
    println!("cargo:rerun-if-env-changed=CARGO_CFG_TARGET_OS");
    if std::env::var_os("CARGO_CFG_TARGET_OS").is_some_and(|it| it == "linux") {
        println!("cargo:rustc-link-arg-bins=-no-pie");
    }
}
