//! Runs each target on its corpus, and on inputs derived from it: the same inputs in every run.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use std::fs;
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};

use fastrand::Rng;
use webhooks_fuzz::{TARGETS, mutate};

/// Number of inputs derived for each target.
const DERIVED: usize = 10_000;

fn target(name: &str) -> fn(&[u8]) {
    TARGETS.into_iter().find(|(of, _)| *of == name).expect("a target of that name").1
}

fn corpus(name: &str) -> Vec<(PathBuf, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(name);
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files.into_iter().map(|path| (path.clone(), fs::read(path).unwrap())).collect()
}

fn run(name: &str) {
    let check = target(name);
    let corpus = corpus(name);
    for (path, input) in &corpus {
        assert!(catch_unwind(|| check(input)).is_ok(), "{}", path.display());
    }
    let corpus: Vec<_> = corpus.into_iter().map(|(_, input)| input).collect();
    let mut rng = Rng::with_seed(1);
    for _ in 0..DERIVED {
        let input = mutate::mutated(&mut rng, &corpus);
        assert!(catch_unwind(|| check(&input)).is_ok(), "{name} fails on {}", kept(name, &input).display());
    }
}

/// Keeps a failing input in a file, to be moved into the corpus after the fix.
fn kept(name: &str, input: &[u8]) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::create_dir_all(&folder).unwrap();
    let path = folder.join("failing");
    fs::write(&path, input).unwrap();
    path
}

macro_rules! targets {
    ($($name:ident)*) => {
        $(#[test]
        fn $name() {
            run(stringify!($name));
        })*

        #[test]
        fn each_target_is_run_and_has_a_corpus() {
            assert_eq!(TARGETS.map(|(name, _)| name).to_vec(), [$(stringify!($name)),*]);
            for (name, _) in TARGETS {
                assert!(!corpus(name).is_empty(), "{name}");
            }
        }
    };
}

targets! { address api_request callback_url callbacks_body certificates claims ids request_target retry_after stream_batch subscription }
